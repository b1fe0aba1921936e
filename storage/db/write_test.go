package db

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// TestClosed: what is queued before Close is written, what comes later is told so, and nobody hangs.
func TestClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	d := openSQLite(t, path)
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged := 0
	for range 16 {
		wg.Go(func() {
			for {
				err := d.InTx(t.Context(), func(tx workflow.Tx) error { return tx.Note(t.Context(), ledger.Record{}) })
				if errors.Is(err, workflow.ErrUnavailable) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged++
				mu.Unlock()
			}
		})
	}
	noted(t, d, 1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	again := openSQLite(t, path)
	var n int
	if err := again.r.QueryRowContext(t.Context(), `SELECT count(*) FROM audit`).Scan(&n); err != nil || n != acknowledged+1 {
		t.Errorf("%d records, %d acknowledged: %v", n, acknowledged+1, err)
	}
}

// TestFullDisk: a database that can't grow says unavailable to everyone in the commit, keeps nothing of them, and works again.
func TestFullDisk(t *testing.T) {
	d := openSQLite(t, filepath.Join(t.TempDir(), "q.db"))
	noted(t, d, 1)
	limit := func(pages int) {
		t.Helper()
		var got int
		if err := d.w.QueryRowContext(t.Context(), `PRAGMA max_page_count = `+strconv.Itoa(pages)).Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite takes the present size
	big := ledger.Record{Reason: strings.Repeat("x", 1<<20)}
	err := d.InTx(t.Context(), func(tx workflow.Tx) error { return tx.Note(t.Context(), big) })
	if !errors.Is(err, workflow.ErrUnavailable) {
		t.Errorf("full: %v", err)
	}
	if _, err := d.LastAudit(t.Context()); err != nil {
		t.Errorf("reading while full: %v", err)
	}
	limit(1 << 30)
	noted(t, d, 1)
	var n int
	if err := d.r.QueryRowContext(t.Context(), `SELECT count(*) FROM audit`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d records, want 2: %v", n, err)
	}
}

// TestRetried: PostgreSQL's deadlocks are tried again, and nobody sees them.
func TestRetried(t *testing.T) {
	d := openPostgres(t, servers.Postgres(t))
	for _, s := range []string{"x", "y"} {
		if _, err := d.w.ExecContext(t.Context(), `INSERT INTO counters (series, last) VALUES ($1, 0)`, s); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	var meet sync.WaitGroup
	meet.Add(2)
	for _, order := range [][]string{{"x", "y"}, {"y", "x"}} {
		wg.Go(func() {
			first := true
			if err := d.inTx(t.Context(), func(tx *Tx) error {
				_, err := tx.next(t.Context(), order[0])
				if first {
					first = false
					meet.Done()
					meet.Wait()
				}
				if err == nil {
					_, err = tx.next(t.Context(), order[1])
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sum int
	if err := d.w.QueryRowContext(t.Context(), `SELECT sum(last) FROM counters`).Scan(&sum); err != nil || sum != 4 {
		t.Errorf("sum %d, want 4: %v", sum, err)
	}
}

// TestMigrateTogether: nodes that start at the same time migrate one after the other.
func TestMigrateTogether(t *testing.T) {
	dsn := servers.Postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { openPostgres(t, dsn) })
	}
	wg.Wait()
}

// TestUnreachable: no PostgreSQL is an error at once, not a hang.
func TestUnreachable(t *testing.T) {
	if _, err := Open(t.Context(), Config{Postgres: "postgres://postgres@127.0.0.1:1/x?sslmode=disable&connect_timeout=2"}, quiet); err == nil {
		t.Error("opened nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Config{Path: filepath.Join(t.TempDir(), "no", "folder", "q.db")}, quiet); err == nil {
		t.Error("opened a file in no folder")
	}
}
