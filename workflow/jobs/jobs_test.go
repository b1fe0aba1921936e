package jobs_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"qingyang/workflow"
	"qingyang/workflow/jobs"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "q.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	m, err := rivermigrate.New(riversqlite.New(db), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	return db
}

func await[T comparable](t *testing.T, what string, c <-chan T, want T) {
	t.Helper()
	select {
	case got := <-c:
		if got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	case <-time.After(15 * time.Second):
		t.Fatalf("%s: nothing came", what)
	}
}

// TestWork: each kind of job reaches its worker with its arguments; the sweep runs without any job; a failed delivery is
// not queued again, because the sweep is sooner.
func TestWork(t *testing.T) {
	db := open(t)
	scans, packs := make(chan workflow.ScanJob, 1), make(chan workflow.PackJob, 1)
	delivers, sweeps := make(chan workflow.DeliverJob, 9), make(chan bool, 99)
	var delivered atomic.Int64
	c, err := jobs.New(riversqlite.New(db), jobs.Parts{
		Scan: func(_ context.Context, j workflow.ScanJob) error { scans <- j; return nil },
		Pack: func(_ context.Context, j workflow.PackJob) error { packs <- j; return nil },
		Deliver: func(_ context.Context, id workflow.ItemID, ch string) error {
			delivered.Add(1)
			delivers <- workflow.DeliverJob{Item: id, Channel: ch}
			return errors.New("screen does not answer")
		},
		Sweep:  func(context.Context) error { sweeps <- true; return errors.New("store does not answer") },
		Expire: func(context.Context) error { return nil },
		Log:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	put, err := river.NewClient(riversqlite.New(db), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	scan, pack := workflow.ScanJob{Item: 1, Revision: 2, Round: 3}, workflow.PackJob{Item: 4, Digest: "d"}
	deliver := workflow.DeliverJob{Item: 5, Channel: "led"}
	for _, j := range []river.JobArgs{scan, pack, deliver} {
		if _, err := put.Insert(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "scan", scans, scan)
	await(t, "pack", packs, pack)
	await(t, "deliver", delivers, deliver)
	await(t, "sweep", sweeps, true)
	await(t, "second sweep", sweeps, true)
	if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if n := delivered.Load(); n != 1 {
		t.Errorf("delivered %d times", n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFailedScanStays: a scan that failed waits to be tried again, however often it failed; it is not given up.
func TestFailedScanStays(t *testing.T) {
	db := open(t)
	tried := make(chan bool, 9)
	c, err := jobs.New(riversqlite.New(db), jobs.Parts{
		Scan:   func(context.Context, workflow.ScanJob) error { tried <- true; return errors.New("antivirus is down") },
		Sweep:  func(context.Context) error { return nil },
		Expire: func(context.Context) error { return nil },
		Log:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	put, err := river.NewClient(riversqlite.New(db), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put.Insert(t.Context(), workflow.ScanJob{Item: 1}, &river.InsertOpts{MaxAttempts: 1}); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "scan", tried, true)
	if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	var state string
	if err := db.QueryRowContext(t.Context(), "SELECT state FROM river_job WHERE kind = 'scan'").Scan(&state); err != nil {
		t.Fatal(err)
	}
	if state != "scheduled" && state != "available" {
		t.Errorf("job is %s", state)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestEarlyTimerWaits: a timer that the queue brings before its time by our clock is asked again at that time, and is not lost.
// Mutant: timed that forgets again.
func TestEarlyTimerWaits(t *testing.T) {
	db := open(t)
	fired := make(chan int64, 9)
	var asked atomic.Int64
	c, err := jobs.New(riversqlite.New(db), jobs.Parts{
		Fire: func(context.Context, workflow.TimerJob) (time.Time, error) {
			n := asked.Add(1)
			fired <- n
			if n == 1 {
				return time.Now().Add(time.Second), nil
			}
			return time.Time{}, nil
		},
		Sweep:  func(context.Context) error { return nil },
		Expire: func(context.Context) error { return nil },
		Now:    time.Now,
		Log:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	put, err := river.NewClient(riversqlite.New(db), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put.Insert(t.Context(), workflow.TimerJob{Item: 1}, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "first", fired, 1)
	await(t, "again", fired, 2)
	if err := errors.Join(c.Stop(context.WithoutCancel(t.Context())), db.Close()); err != nil {
		t.Fatal(err)
	}
}
