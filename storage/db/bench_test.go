package db

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

const callers = 16

// onBoth runs a benchmark on each engine.
func onBoth(b *testing.B, f func(*testing.B, *DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { f(b, openSQLite(b, filepath.Join(b.TempDir(), "q.db"))) })
	b.Run("postgres", func(b *testing.B) { f(b, openPostgres(b, servers.Postgres(b))) })
}

// spread runs f b.N times from all callers.
func spread(b *testing.B, unit string, f func(caller, i int) error) {
	b.Helper()
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range callers {
		wg.Go(func() {
			for i := w; i < b.N; i += callers {
				if err := f(w, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
}

// sequenced runs the sequencer beside a benchmark.
func sequenced(b *testing.B, d *DB) {
	b.Helper()
	s := newSequencer(b, d)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
}

func benchItem(b *testing.B, d *DB, n int64) (id workflow.ItemID) {
	b.Helper()
	if err := d.InTx(b.Context(), func(tx workflow.Tx) (err error) {
		id, err = tx.Create(b.Context(), benchDraft(n), func(workflow.Item) string { return "x" })
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return id
}

func benchDraft(n int64) workflow.Change {
	at := time.UnixMicro(1 + n).UTC()
	return workflow.Change{
		Item:     workflow.Item{State: workflow.SecrecyReview, Revision: 1, Unit: "tax", Author: "wang", Title: fmt.Sprintf("通知 %d", n), Due: at},
		Revision: &workflow.Revision{N: 1, Content: workflow.Content{Title: "通知", BodyHTML: "<p>正文</p>"}},
		Hands:    []workflow.Hand{{Key: fmt.Sprint("emp:", n), Duty: workflow.AuthorDuty}},
		Audience: []string{"unit:tax", "person:wang", "reviewer", "lead:tax"}, Waits: []string{"reviewer"},
		Record: ledger.Record{At: at, Event: "create", Person: "wang", Name: "王拟", Result: ledger.Done},
	}
}

// benchMove is a decision with a job, as secrecy_pass and its like are.
func benchMove(c *workflow.Case, i int) workflow.Change {
	at := time.UnixMicro(int64(i) + 1_000_000_000).UTC()
	return workflow.Change{
		Item: c.Item, Waits: []string{"lead:tax"},
		Decision: &workflow.Decision{Item: c.Item.ID, Event: workflow.SecrecyPass, Person: "zhao", Name: "赵审", At: at, Digest: "x", Sig: "sig"},
		Jobs:     []workflow.Job{workflow.ScanJob{Item: c.Item.ID, Revision: i}},
		Record:   ledger.Record{At: at, Event: "secrecy_pass", Person: "zhao", Name: "赵审", Item: int64(c.Item.ID), Result: ledger.Done},
	}
}

// BenchmarkMove is a decision on an item of one's own by each of sixteen callers, with the sequencer running.
func BenchmarkMove(b *testing.B) {
	onBoth(b, func(b *testing.B, d *DB) {
		sequenced(b, d)
		ids := make([]workflow.ItemID, callers)
		cases := make([]*workflow.Case, callers)
		for i := range ids {
			ids[i] = benchItem(b, d, int64(i))
		}
		spread(b, "moves/s", func(w, i int) error {
			return d.InTx(b.Context(), func(tx workflow.Tx) (err error) {
				if i/callers%20 == 0 { // no item has many decisions in life
					if ids[w], err = tx.Create(b.Context(), benchDraft(int64(i)), func(workflow.Item) string { return "x" }); err != nil {
						return err
					}
				}
				if cases[w], err = tx.Load(b.Context(), ids[w]); err != nil {
					return err
				}
				return tx.Apply(b.Context(), cases[w], benchMove(cases[w], i))
			})
		})
	})
}

// BenchmarkRaw is the limit that BenchmarkMove is held against: the same rows by plain statements in the same commits (on
// SQLite as many moves in one as there are callers), and nothing read or computed.
func BenchmarkRaw(b *testing.B) {
	onBoth(b, func(b *testing.B, d *DB) {
		ids := make([]workflow.ItemID, callers)
		for i := range ids {
			ids[i] = benchItem(b, d, int64(i))
		}
		if d.pg {
			spread(b, "moves/s", func(w, i int) error { return raw(b.Context(), d, ids[w:w+1], i) })
			return
		}
		b.ResetTimer()
		for i := 0; i < b.N; i += callers {
			if err := raw(b.Context(), d, ids[:min(callers, b.N-i)], i); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "moves/s")
	})
}

func raw(ctx context.Context, d *DB, ids []workflow.ItemID, i int) error {
	tx, err := d.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, id := range ids {
		if err := rawMove(ctx, tx, id, i); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func rawMove(ctx context.Context, tx *sql.Tx, id workflow.ItemID, i int) error {
	ch := benchMove(&workflow.Case{Item: workflow.Item{ID: id}}, i)
	for _, s := range []struct {
		text string
		args []any
	}{
		{`UPDATE items SET version = version + 1, changed = $1 WHERE id = $2`, []any{i, id}},
		{`DELETE FROM waits WHERE item = $1`, []any{id}},
		{`UPDATE audience SET changed = $1 WHERE item = $2`, []any{i, id}},
		{`INSERT INTO waits (item, key, due) VALUES ($1, 'lead:tax', 0)`, []any{id}},
		{`INSERT INTO decisions (item, n, person, at, body) VALUES ($1, $2, 'zhao', 0, $3)`, []any{id, i + 2, encode(ch.Decision)}},
		{`INSERT INTO acted (person, item, at) VALUES ('zhao', $1, $2) ON CONFLICT (person, item) DO UPDATE SET at = excluded.at`, []any{id, i}},
		{`INSERT INTO river_job (kind, args, max_attempts, metadata, priority, queue, state) VALUES ('scan', $1, 25, '{}', 1, 'default', 'available')`, []any{encode(ch.Jobs[0])}},
		{`INSERT INTO audit (item, at, body) VALUES ($1, $2, $3)`, []any{id, i, string(ch.Record.Bytes())}},
		{`DELETE FROM pending WHERE audit = (SELECT min(audit) FROM pending WHERE audit > $1)`, []any{i}},
	} {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkInbox is what a page of the inbox asks among 100,000 items: the first lines of a list, and the numbers on the tabs, up
// to 200. zhao is a reviewer who has decided on each tenth item and for whom a third waits, wang an author of a thousand.
func BenchmarkInbox(b *testing.B) {
	onBoth(b, func(b *testing.B, d *DB) {
		fill(b, d, 100_000)
		for _, box := range []workflow.Box{workflow.Todo, workflow.Done, workflow.Mine, workflow.Drafts, workflow.All} {
			for _, person := range []string{"zhao", "wang"} {
				q := workflow.Query{Box: box, Keys: []string{"person:" + person, "reviewer", "unit:office"}, Person: person, Limit: 50, Most: 201}
				b.Run(fmt.Sprintf("%s-%s", box, person), func(b *testing.B) {
					measured(b, func() error { return inbox(b.Context(), d, q) })
				})
			}
		}
	})
}

func inbox(ctx context.Context, d *DB, q workflow.Query) error {
	_, _, err := d.List(ctx, q)
	for _, tab := range []workflow.Box{workflow.Todo, workflow.Drafts} {
		if err == nil {
			q.Box = tab
			_, err = d.Count(ctx, q)
		}
	}
	return err
}

func measured(b *testing.B, f func() error) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		at := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// fill stores n items by plain SQL: a third waits for reviewers, all may be seen by them, zhao has decided on each tenth.
func fill(b *testing.B, d *DB, n int) {
	b.Helper()
	series := `generate_series(1, $1) AS s(g)`
	if !d.pg {
		series = `(WITH RECURSIVE c(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM c WHERE g < $1) SELECT g FROM c) AS s`
	}
	tx, err := d.w.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []string{
		`INSERT INTO items (id, version, state, revision, edition, round, digest, number, class, urgency, unit, author, author_name, title, site_column, route,
			undisposed, pack, created, since, due, changed, ends, channels) SELECT g, 1, 'secrecy_review', 1, 0, 1, 'x', '', 'ordinary', 'normal',
			'tax', CASE g % 100 WHEN 0 THEN 'wang' ELSE 'zhou' END, '王', '通知 ' || g, 'notice', '', 0, '', 0, 0, 0, g * 7919 % 100003, 0, '["portal"]' FROM ` + series,
		`INSERT INTO audience (item, key, changed) SELECT id, 'reviewer', changed FROM items WHERE id <= $1`,
		`INSERT INTO audience (item, key, changed) SELECT id, 'unit:tax', changed FROM items WHERE id <= $1`,
		`INSERT INTO waits (item, key, due) SELECT id, 'reviewer', id * 104729 % 100003 FROM items WHERE id % 3 = 0 AND id <= $1`,
		`INSERT INTO acted (person, item, at) SELECT 'zhao', id, changed FROM items WHERE id % 10 = 1 AND id <= $1`,
	} {
		if _, err := tx.ExecContext(b.Context(), s, n); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	if _, err := d.w.ExecContext(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}
