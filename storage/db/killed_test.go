package db

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

const childEnv = "QINGYANG_TEST_CHILD"

// kills is how often the database's process is killed: a tenth of the full figure unless QINGYANG_FULL is set.
func kills() int {
	if os.Getenv("QINGYANG_FULL") != "" {
		return 100
	}
	if testing.Short() {
		return 1
	}
	return 10
}

// TestKilled: whatever the child said was done before SIGKILL is there, whole, and nothing of what it undid. The child is
// this test itself.
func TestKilled(t *testing.T) {
	if os.Getenv(childEnv) != "" {
		child(t)
	}
	for round := range kills() {
		path := filepath.Join(t.TempDir(), "q.db")
		killed(t, Config{Path: path}, round)
	}
}

// TestKilledPostgres is TestKilled with a program whose server lives on.
func TestKilledPostgres(t *testing.T) {
	for round := range (kills() + 4) / 5 {
		killed(t, Config{Postgres: servers.Postgres(t)}, round)
	}
}

func killed(t *testing.T, c Config, round int) {
	t.Helper()
	acknowledged := started(t, c, time.Duration(60+37*(round%10))*time.Millisecond)
	d := opened(t, c)
	var items, moves, jobs, pairs, undone, pending int
	if err := d.r.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM audit WHERE body LIKE '%"event":"move"%'),
		(SELECT count(*) FROM river_job), (SELECT count(*) FROM items WHERE version = 2), (SELECT count(*) FROM items WHERE title = 'undone'),
		(SELECT count(*) FROM audit a LEFT JOIN tree t ON t.audit = a.id LEFT JOIN pending p ON p.audit = a.id WHERE (t.seq IS NULL) = (p.audit IS NULL))`).
		Scan(&items, &moves, &jobs, &pairs, &undone, &pending); err != nil {
		t.Fatal(err)
	}
	if items == 0 || items != moves || moves != jobs || jobs != pairs || undone != 0 || pending != 0 {
		t.Errorf("round %d: %d items, %d moved, %d moves, %d jobs, %d undone, %d neither or both placed and pending", round, items, pairs, moves, jobs, undone, pending)
	}
	for id := range acknowledged {
		if c, err := d.Case(t.Context(), id); err != nil || c.Item.Version != 2 {
			t.Errorf("round %d: item %d was acknowledged: %v", round, id, err)
		}
	}
	if _, err := d.Place(t.Context()); err != nil {
		t.Error(err)
	}
	if head, err := d.Verify(t.Context(), nil); err != nil || head.Size != int64(items+moves) {
		t.Errorf("round %d: %d records, want %d: %v", round, head.Size, items+moves, err)
	}
	t.Logf("round %d: %d acknowledged, %d kept", round, len(acknowledged), items)
}

// started runs the child until it has acknowledged something and for the given time, kills it, and returns what it had
// acknowledged.
func started(t *testing.T, c Config, after time.Duration) map[workflow.ItemID]bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), childEnv+"="+c.Path+"|"+c.Postgres)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := map[workflow.ItemID]bool{}
	for in := bufio.NewScanner(out); in.Scan(); {
		if len(done) == 0 {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		id, ok := strings.CutSuffix(in.Text(), ".") // a torn last line has no stop
		if n, err := strconv.ParseInt(id, 10, 64); err == nil && ok {
			done[workflow.ItemID(n)] = true
		}
	}
	_ = cmd.Wait()
	return done
}

// child creates and moves items until it is killed, and says which after each commit.
func child(t *testing.T) {
	t.Helper()
	path, dsn, _ := strings.Cut(os.Getenv(childEnv), "|")
	d := opened(t, Config{Path: path, Postgres: dsn})
	s := newSequencer(t, d)
	var wg sync.WaitGroup
	wg.Go(func() { t.Error(s.Run(t.Context())) })
	for range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id, err := lived(t, d, i%5 == 4)
				switch {
				case err == nil:
					fmt.Printf("%d.\n", id)
				case !errors.Is(err, errUndone):
					fmt.Fprintln(os.Stderr, err)
				}
			}
		})
	}
	wg.Wait()
}

var errUndone = errors.New("undone")

func lived(t *testing.T, d *DB, undo bool) (id workflow.ItemID, err error) {
	t.Helper()
	err = d.InTx(t.Context(), func(tx workflow.Tx) error {
		ch := workflow.Change{Item: workflow.Item{Revision: 1}, Revision: &workflow.Revision{N: 1}, Record: ledger.Record{At: time.UnixMicro(1), Event: "create"}}
		if undo {
			ch.Item.Title = "undone"
		}
		if id, err = tx.Create(t.Context(), ch, func(workflow.Item) string { return "x" }); err != nil {
			return err
		}
		c, err := tx.Load(t.Context(), id)
		if err != nil {
			return err
		}
		move := workflow.Change{Item: c.Item, Jobs: []workflow.Job{workflow.ScanJob{Item: id}}, Record: ledger.Record{At: time.UnixMicro(2), Event: "move"}}
		if err := tx.Apply(t.Context(), c, move); err != nil {
			return err
		}
		if undo {
			return errUndone
		}
		return nil
	})
	return id, err
}
