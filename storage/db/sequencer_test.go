package db

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// newSequencer returns one that writes beside the test's database.
func newSequencer(tb testing.TB, d *DB) *Sequencer {
	tb.Helper()
	k, err := ledger.NewKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	keys, err := ledger.ParsePublicKeys(k.Public())
	if err != nil {
		tb.Fatal(err)
	}
	return &Sequencer{DB: d, Key: k, Keys: keys, Path: filepath.Join(tb.TempDir(), "checkpoint"), Now: func() time.Time { return time.UnixMicro(5).UTC() }}
}

func noted(tb testing.TB, d *DB, n int) {
	tb.Helper()
	if err := d.InTx(tb.Context(), func(tx workflow.Tx) error {
		for i := range n {
			if err := tx.Note(tb.Context(), ledger.Record{At: time.UnixMicro(1), Event: strconv.Itoa(i)}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
}

func (s *Sequencer) read(tb testing.TB) ledger.Checkpoint {
	tb.Helper()
	b, err := os.ReadFile(s.Path)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(b, s.Keys)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestSequencerRun: records get their places within a second, and what it leaves at its end is the signed head.
func TestSequencerRun(t *testing.T) {
	d := openSQLite(t, filepath.Join(t.TempDir(), "q.db"))
	s := newSequencer(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error)
	go func() { end <- s.Run(ctx) }()
	noted(t, d, 3)
	for limit := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		head, err := d.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if head.Size == 3 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("%d of 3 records placed after a second", head.Size)
		}
	}
	noted(t, d, 4)
	cancel()
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	want, err := d.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want.At = s.Now()
	if got := s.read(t); got.Size != 7 || !reflect.DeepEqual(got, want) {
		t.Errorf("checkpoint %+v, want %+v", got, want)
	}
	if es, err := os.ReadDir(filepath.Dir(s.Path)); err != nil || len(es) != 1 {
		t.Errorf("left behind: %v %v", es, err)
	}
}

// TestCheckpointKept: a log that is no continuation of the checkpoint does not replace it, nor does one that nobody can read.
func TestCheckpointKept(t *testing.T) {
	d := openSQLite(t, filepath.Join(t.TempDir(), "q.db"))
	s := newSequencer(t, d)
	noted(t, d, 8)
	if _, err := d.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := s.read(t)
	for name, c := range map[string]struct {
		sql  string
		want ledger.Tampered
	}{
		"rolled back": {`DELETE FROM tree WHERE seq > 4`, ledger.Tampered{From: 5, To: 5, Fault: ledger.Missing}},
		"rewritten":   {`UPDATE tree SET hashes = replace(hashes, '1', '2') WHERE seq = 7`, ledger.Tampered{From: 0, To: 7, Fault: ledger.Rewritten}},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := d.w.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range []string{`DROP TRIGGER tree_delete`, `DROP TRIGGER tree_update`, `CREATE TABLE kept AS SELECT * FROM tree`, c.sql} {
				if _, err := tx.ExecContext(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			var got *ledger.Tampered
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := s.Run(ctx); !errors.As(err, &got) || *got != c.want {
				t.Errorf("error %v, want %v", err, &c.want)
			}
			if got := s.read(t); !reflect.DeepEqual(got, want) {
				t.Errorf("checkpoint replaced by %+v", got)
			}
			if _, err := d.w.ExecContext(t.Context(), `DELETE FROM tree; INSERT INTO tree SELECT * FROM kept; DROP TABLE kept;
				CREATE TRIGGER tree_delete BEFORE DELETE ON tree BEGIN SELECT 1; END;
				CREATE TRIGGER tree_update BEFORE UPDATE ON tree BEGIN SELECT 1; END`); err != nil {
				t.Fatal(err)
			}
		})
	}
	if err := os.WriteFile(s.Path, []byte("scribble"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint(t.Context()); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("over a scribbled file: %v", err)
	}
}

// TestVerifySignatures: a record that was signed and rewritten with all hashes recomputed is found by its signature alone.
func TestVerifySignatures(t *testing.T) {
	d := openSQLite(t, filepath.Join(t.TempDir(), "q.db"))
	s := newSequencer(t, d)
	rec := ledger.Record{At: time.UnixMicro(1), Event: "approve", Person: "sun"}.Signed(s.Key)
	for _, person := range []string{"sun", "li"} {
		rec.Person = person
		if err := d.InTx(t.Context(), func(tx workflow.Tx) error { return tx.Note(t.Context(), rec) }); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Place(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got *ledger.Tampered
	want := ledger.Tampered{From: 1, To: 1, Fault: ledger.Forged}
	if _, err := d.Verify(t.Context(), s.Keys); !errors.As(err, &got) || *got != want {
		t.Errorf("error %v, want %v", err, &want)
	}
}
