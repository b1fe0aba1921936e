package db

import (
	"context"
	"fmt"
	"slices"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// OwnFiles implements workflow.Store.
func (d *DB) OwnFiles(ctx context.Context, id workflow.ItemID) (own []string, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		var all []string
		revs, err := collect(ctx, q, func(r scanner, v *workflow.Revision) error { return r.Scan(jsonColumn{v}) },
			`SELECT body FROM revisions WHERE item = $1`, id)
		if err != nil {
			return err
		}
		for _, r := range revs {
			for _, a := range r.Attachments {
				all = append(all, a.SHA256)
			}
			for _, x := range r.Renditions {
				all = append(all, x.SHA256)
			}
		}
		packs, err := collect(ctx, q, scalar[string], `SELECT pack FROM items WHERE id = $1 AND pack <> ''`, id)
		if err != nil {
			return err
		}
		all = append(all, packs...)
		slices.Sort(all)
		for _, sha := range slices.Compact(all) {
			var others int
			if err := q.QueryRowContext(ctx, `SELECT count(*) FROM revisions WHERE item <> $1 AND body LIKE $2`, id, "%"+sha+"%").Scan(&others); err != nil {
				return err
			}
			if others == 0 {
				own = append(own, sha)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("files of item %d: %w", id, err)
	}
	return own, nil
}

// Purge implements workflow.Tx. The database lets nobody change a revision or decision of an item that is not disposed of.
func (t *Tx) Purge(ctx context.Context, id workflow.ItemID, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	ds, err := collect(ctx, t.tx, func(r scanner, v *workflow.Decision) error { return r.Scan(jsonColumn{v}) },
		`SELECT body FROM decisions WHERE item = $1 ORDER BY n`, id)
	if err != nil {
		return t.fail("read decisions", err)
	}
	ns, err := collect(ctx, t.tx, scalar[int64], `SELECT n FROM decisions WHERE item = $1 ORDER BY n`, id)
	if err != nil {
		return t.fail("read decisions", err)
	}
	for i, d := range ds {
		d.Opinion, d.Reason = "", ""
		d.Terms = workflow.Terms{At: d.Terms.At, Result: d.Terms.Result, ReplyNo: d.Terms.ReplyNo, LetterNo: d.Terms.LetterNo}
		if err := t.do(ctx, "purge decision", `UPDATE decisions SET body = $1 WHERE item = $2 AND n = $3`, encode(d), id, ns[i]); err != nil {
			return err
		}
	}
	for _, s := range []struct{ op, text string }{
		{"purge revisions", `UPDATE revisions SET body = '{}' WHERE item = $1`},
		{"purge findings", `DELETE FROM findings WHERE item = $1`},
		{"purge scans", `DELETE FROM scans WHERE item = $1`},
		{"purge hits", `DELETE FROM term_hits WHERE item = $1`},
	} {
		if err := t.do(ctx, s.op, s.text, id); err != nil {
			return err
		}
	}
	if err := t.do(ctx, "purge title", `UPDATE items SET title = '', pack = '', covered = '', word = $1 WHERE id = $2`, word(rec), id); err != nil {
		return err
	}
	return t.Note(ctx, rec)
}
