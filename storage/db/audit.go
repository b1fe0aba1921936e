package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Note implements workflow.Tx. The record gets its position in the tree from the sequencer.
func (t *Tx) Note(ctx context.Context, rec ledger.Record) error {
	return t.do(t.lasting(ctx), "audit", `INSERT INTO audit (item, at, body) VALUES ($1, $2, $3)`,
		rec.Item, micros(rec.At), string(rec.Bytes()))
}

// word is what is stored beside the rows that rec speaks of: the record as the log has it, if it was signed.
func word(rec ledger.Record) string {
	if rec.Sig == "" {
		return ""
	}
	return string(rec.Bytes())
}

func scanEntry(r scanner, e *workflow.Entry) error { return r.Scan(&e.Seq, jsonColumn{&e.Record}) }

// Trail implements workflow.Store.
func (d *DB) Trail(ctx context.Context, id workflow.ItemID) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT coalesce(t.seq, -1), a.body FROM audit a LEFT JOIN tree t ON t.audit = a.id
		WHERE a.item = $1 ORDER BY a.at, a.id`, id)
	if err != nil {
		return nil, fmt.Errorf("trail of item %d: %w", id, err)
	}
	return es, nil
}

// Audit implements workflow.Store. The first position is 0, so a reader of all begins after -1.
func (d *DB) Audit(ctx context.Context, after int64, limit int) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT t.seq, a.body FROM tree t JOIN audit a ON a.id = t.audit WHERE t.seq > $1 ORDER BY t.seq LIMIT $2`,
		after, limit)
	if err != nil {
		return nil, fmt.Errorf("audit after %d: %w", after, err)
	}
	return es, nil
}

// Incidents implements workflow.Store. Records of no item are few beside the rest, and the index finds them by time.
func (d *DB) Incidents(ctx context.Context, since time.Time, limit int) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT coalesce(t.seq, -1), a.body FROM audit a LEFT JOIN tree t ON t.audit = a.id
		WHERE a.item = 0 AND a.at >= $1 AND (a.body LIKE '%"event":"halt_channel"%' OR a.body LIKE '%"event":"resume_channel"%'
		OR a.body LIKE '%"event":"tampered"%') ORDER BY a.at DESC, a.id DESC LIMIT $2`, micros(since), limit)
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	return es, nil
}

// LastAudit implements workflow.Store.
func (d *DB) LastAudit(ctx context.Context) (at time.Time, err error) {
	err = one(d.r.QueryRowContext(ctx, `SELECT at FROM audit ORDER BY id DESC LIMIT 1`), timeColumn{&at})
	if err != nil && !errors.Is(err, workflow.ErrMissing) {
		return at, fmt.Errorf("last audit: %w", err)
	}
	return at, nil
}
