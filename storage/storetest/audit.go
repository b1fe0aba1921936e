package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// proofs: any record of any size of the log can be proved to who has only the checkpoint, and no size beyond it.
func proofs(t *testing.T, f Fixture) {
	const n = 21
	var heads []ledger.Checkpoint
	for range n {
		f.noted(t, 1)
		head, err := f.Head(t.Context())
		must(t, err)
		heads = append(heads, head)
	}
	for _, head := range heads {
		for seq := range head.Size {
			leaf, p, err := f.ProveRecord(t.Context(), head.Size, seq)
			must(t, err)
			must(t, ledger.CheckRecord(p, head, seq, leaf))
			if ledger.CheckRecord(p, head, seq, append(leaf, ' ')) == nil {
				t.Errorf("record %d of %d: another leaf passes", seq, head.Size)
			}
		}
	}
	_, _, err := f.ProveRecord(t.Context(), n+1, 0)
	equal(t, "beyond the end", errors.Is(err, ledger.ErrProof), true)
	_, err = f.Verify(t.Context(), nil, heads...)
	must(t, err)
}

// tampering: each thing an intruder with the database in hand may do is found, and the first bad record named.
// Mutant: Verify without the search for records that have no place.
func tampering(t *testing.T, f Fixture) {
	for _, s := range f.Unguard {
		_, err := f.SQL.ExecContext(t.Context(), s)
		must(t, err)
	}
	f.noted(t, 20)
	head, err := f.Head(t.Context())
	must(t, err)
	const at = `(SELECT audit FROM tree WHERE seq = 9)`
	for _, c := range []struct {
		name string
		sql  string
		want ledger.Tampered
	}{
		{"changed", `UPDATE audit SET body = replace(body, '赵', '钱') WHERE id = ` + at, ledger.Tampered{From: 9, To: 9, Fault: ledger.Changed}},
		{"deleted", `DELETE FROM audit WHERE id = ` + at, ledger.Tampered{From: 9, To: 9, Fault: ledger.Missing}},
		{"last deleted", `DELETE FROM audit WHERE id = (SELECT audit FROM tree WHERE seq = 19)`, ledger.Tampered{From: 19, To: 19, Fault: ledger.Missing}},
		{"cut from the tree", `DELETE FROM tree WHERE seq = 9`, ledger.Tampered{From: 9, To: 9, Fault: ledger.Missing}},
		{"rolled back", `DELETE FROM tree WHERE seq >= 15; DELETE FROM audit WHERE id NOT IN (SELECT audit FROM tree)`, ledger.Tampered{From: 0, To: 15, Fault: ledger.Missing}},
		{"swapped", swap, ledger.Tampered{From: 9, To: 9, Fault: ledger.Changed}},
		{"hashes", `UPDATE tree SET hashes = replace(hashes, '0', '1') WHERE seq = 9`, ledger.Tampered{From: 9, To: 9, Fault: ledger.Changed}},
		{"hashes cut", `UPDATE tree SET hashes = substr(hashes, 1, 64) WHERE seq = 9`, ledger.Tampered{From: 9, To: 9, Fault: ledger.Hashes}},
		{"kept from the sequencer", `INSERT INTO audit (item, at, body) VALUES (0, 0, '{}'); DELETE FROM pending`, ledger.Tampered{From: 20, To: 20, Fault: ledger.Inserted}},
	} {
		t.Run(c.name, func(t *testing.T) {
			restore := f.saved(t)
			defer restore()
			for _, s := range strings.Split(c.sql, ";") {
				_, err := f.SQL.ExecContext(t.Context(), s)
				must(t, err)
			}
			_, err := f.Verify(t.Context(), nil, head)
			var got *ledger.Tampered
			if !errors.As(err, &got) {
				t.Fatalf("not found: %v", err)
			}
			equal(t, "found", *got, c.want)
		})
	}
	got, err := f.Verify(t.Context(), nil, head)
	must(t, err)
	equal(t, "untouched", got, head)
}

// swap exchanges the places of two records.
const swap = `UPDATE tree SET audit = CASE seq WHEN 9 THEN -9 ELSE -10 END WHERE seq IN (9, 10);
	UPDATE tree SET audit = (SELECT max(id) - 19 FROM audit) + CASE seq WHEN 9 THEN 10 ELSE 9 END WHERE seq IN (9, 10)`

// saved copies the log; what it returns puts the copy back.
func (f Fixture) saved(t *testing.T) (restore func()) {
	t.Helper()
	run := func(s string) {
		_, err := f.SQL.ExecContext(t.Context(), s)
		must(t, err)
	}
	for _, table := range []string{"audit", "tree"} {
		run(`CREATE TABLE saved_` + table + ` AS SELECT * FROM ` + table)
	}
	return func() {
		run(`DELETE FROM audit WHERE id NOT IN (SELECT id FROM saved_audit)`)
		run(`UPDATE audit SET body = (SELECT s.body FROM saved_audit s WHERE s.id = audit.id)`)
		run(`DELETE FROM tree`)
		run(`INSERT INTO tree SELECT * FROM saved_tree`)
		run(restoreAudit)
		run(`DELETE FROM pending`)
		run(`DROP TABLE saved_audit`)
		run(`DROP TABLE saved_tree`)
	}
}

// restoreAudit gives deleted records back under their ids.
const restoreAudit = `INSERT INTO audit (id, item, at, body) SELECT * FROM saved_audit WHERE id NOT IN (SELECT id FROM audit)`

// appendOnly: the database itself refuses to change or delete what must stay.
func appendOnly(t *testing.T, f Fixture) {
	f.furnished(t)
	id := f.created(t)
	f.changed(t, id, func(ch *workflow.Change) { ch.Decision = &workflow.Decision{Item: id, Person: "zhao", At: noon} })
	_, err := f.Place(t.Context())
	must(t, err)
	for _, table := range []string{"audit", "tree", "decisions", "revisions"} {
		column := map[string]string{"audit": "body", "tree": "hashes", "decisions": "body", "revisions": "body"}[table]
		for _, s := range []string{`DELETE FROM ` + table, `UPDATE ` + table + ` SET ` + column + ` = ''`} {
			if _, err := f.SQL.ExecContext(t.Context(), s); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", s, err)
			}
		}
	}
}

// incidents: what befell channels is found among the rest, newest first, within the time and the limit.
// Mutants: records of items; the oldest first; no time.
func incidents(t *testing.T, f Fixture) {
	begun := noon
	for i, e := range []workflow.Event{workflow.HaltChannel, workflow.SignedIn, workflow.ResumeChannel, workflow.Tampered, workflow.HaltChannel} {
		rec := ledger.Record{At: begun.Add(time.Duration(i) * time.Minute), Event: string(e), Result: ledger.Done, Person: "a"}
		f.write(t, func(ctx context.Context, tx workflow.Tx) error { return tx.Note(ctx, rec) })
	}
	found := func(since time.Time, limit int) string {
		var out []string
		es, err := f.Incidents(t.Context(), since, limit)
		must(t, err)
		for _, e := range es {
			out = append(out, e.Event)
		}
		return strings.Join(out, " ")
	}
	equal(t, "all", found(begun, 9), "halt_channel tampered resume_channel halt_channel")
	equal(t, "newer", found(begun.Add(time.Minute), 9), "halt_channel tampered resume_channel")
	equal(t, "newest", found(begun, 1), "halt_channel")
}
