package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"qingyang/workflow/ledger"
)

const (
	placeEvery = 250 * time.Millisecond
	placeMany  = 512 // records in one transaction
	rowsAtOnce = 32  // in one INSERT
)

// Place gives committed records that have none their positions in the tree, in the order of their arrival, and returns how
// many. On PostgreSQL one node does it at a time; the others return 0.
func (d *DB) Place(ctx context.Context) (n int, err error) {
	for {
		var some int
		err := d.inTx(ctx, func(t *Tx) error {
			some, err = t.place(t.lasting(ctx))
			return err
		})
		if n += some; err != nil {
			return n, fmt.Errorf("place records: %w", err)
		}
		if some < placeMany {
			return n, nil
		}
	}
}

type waiting struct {
	id   int64
	body string
}

func (t *Tx) place(ctx context.Context) (int, error) {
	if ok, err := t.d.tryLock(ctx, t.tx, sequencing); err != nil || !ok {
		return 0, err
	}
	ws, err := collect(ctx, t.tx, func(r scanner, w *waiting) error { return r.Scan(&w.id, &w.body) },
		`SELECT a.id, a.body FROM pending p JOIN audit a ON a.id = p.audit ORDER BY p.audit LIMIT $1`, placeMany)
	if err != nil || len(ws) == 0 {
		return 0, err
	}
	size, err := logSize(ctx, t.tx)
	if err != nil {
		return 0, err
	}
	leaves := make([][]byte, len(ws))
	ids := make([]int64, len(ws))
	for i, w := range ws {
		leaves[i], ids[i] = []byte(w.body), w.id
	}
	hashes, _, err := ledger.Append(size, stored(ctx, t.tx), leaves...)
	if err != nil {
		return 0, err
	}
	if err := t.grow(ctx, size, ws, hashes); err != nil {
		return 0, err
	}
	return len(ws), t.do(ctx, "unqueue", `DELETE FROM pending WHERE audit IN (SELECT CAST(value AS BIGINT) FROM `+t.d.list("$1")+` AS k)`, encodeList(ids))
}

// grow inserts the rows of the tree, many at once while there are many.
func (t *Tx) grow(ctx context.Context, size int64, ws []waiting, hashes []ledger.Hash) error {
	var args []any
	for i, w := range ws {
		seq := size + int64(i)
		from, to := ledger.FirstHash(seq)-ledger.FirstHash(size), ledger.FirstHash(seq+1)-ledger.FirstHash(size)
		args = append(args, seq, w.id, packHashes(hashes[from:to]))
	}
	for len(args) > 0 {
		n := 1
		if len(args) >= 3*rowsAtOnce {
			n = rowsAtOnce
		}
		if err := t.do(ctx, "grow tree", insertTree[n], args[:3*n]...); err != nil {
			return err
		}
		args = args[3*n:]
	}
	return nil
}

// insertTree has the text for one row and for rowsAtOnce.
var insertTree = map[int]string{1: treeRows(1), rowsAtOnce: treeRows(rowsAtOnce)}

func treeRows(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf("($%d, $%d, $%d)", 3*i+1, 3*i+2, 3*i+3)
	}
	return `INSERT INTO tree (seq, audit, hashes) VALUES ` + strings.Join(rows, ", ")
}

func logSize(ctx context.Context, q querier) (n int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(seq) + 1, 0) FROM tree`).Scan(&n)
	return n, err
}

// packHashes writes the hashes stored for one record: its own, then those of the subtrees that it completes.
func packHashes(hs []ledger.Hash) string {
	var b strings.Builder
	for _, h := range hs {
		b.WriteString(hex.EncodeToString(h[:]))
	}
	return b.String()
}

// unpackHashes returns nil if s is not what packHashes wrote: then it is no record's hashes.
func unpackHashes(s string) []ledger.Hash {
	b, err := hex.DecodeString(s)
	if err != nil || len(b)%ledgerHash != 0 {
		return nil
	}
	hs := make([]ledger.Hash, len(b)/ledgerHash)
	for i := range hs {
		copy(hs[i][:], b[i*ledgerHash:])
	}
	return hs
}

const ledgerHash = len(ledger.Hash{})

// stored reads the tree: a hash of level l over node n stands with the record that completes it, l places after its own.
func stored(ctx context.Context, q querier) ledger.HashReaderFunc {
	return func(indexes []int64) ([]ledger.Hash, error) {
		out := make([]ledger.Hash, len(indexes))
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			seq := (n+1)<<level - 1
			var s string
			if err := one(q.QueryRowContext(ctx, `SELECT hashes FROM tree WHERE seq = $1`, seq), &s); err != nil {
				return nil, fmt.Errorf("hashes of record %d: %w", seq, err)
			}
			hs := unpackHashes(s)
			if level >= len(hs) {
				return nil, fmt.Errorf("hashes of record %d: level %d of %d", seq, level, len(hs))
			}
			out[i] = hs[level]
		}
		return out, nil
	}
}

// Sequencer keeps the log in order until its context ends, and signs what it saw for a place outside the database.
type Sequencer struct {
	DB   *DB
	Key  ledger.Key
	Keys ledger.PublicKeys // all that may have signed the checkpoint that is there
	Path string            // file of the newest checkpoint
	Now  func() time.Time
}

// Run places records several times a second and writes a checkpoint at least every 5 s and at the end. It goes on after
// errors, which it logs; while one lasts, no record is taken any more: no audit, no action. It returns a *ledger.Tampered
// error at once if the log is not a continuation of the checkpoint in the file, and then leaves that file alone.
func (s *Sequencer) Run(ctx context.Context) error {
	tick := time.NewTicker(placeEvery)
	defer tick.Stop()
	mark := time.NewTicker(checkpointEvery)
	defer mark.Stop()
	placed, marked := error(nil), s.Checkpoint(ctx)
	for {
		if err := s.judge(ctx, placed, marked); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			ctx = context.WithoutCancel(ctx)
			_, err := s.DB.Place(ctx)
			return errors.Join(err, s.Checkpoint(ctx))
		case <-tick.C:
			if _, placed = s.DB.Place(ctx); marked != nil {
				marked = s.Checkpoint(ctx) // sooner than it is due: everything waits for it
			}
		case <-mark.C:
			marked = s.Checkpoint(ctx)
		}
	}
}

// judge says whether the log may be written on. It returns what ends the sequencer.
func (s *Sequencer) judge(ctx context.Context, placed, marked error) error {
	err := errors.Join(placed, marked)
	if err == nil || ctx.Err() != nil {
		if s.DB.logDown.Swap(nil) != nil {
			s.DB.log.WarnContext(ctx, "audit log kept again")
		}
		return nil
	}
	if s.DB.logDown.Swap(&err) == nil {
		s.DB.log.ErrorContext(ctx, "audit log not kept", slog.Any("error", err))
	}
	if t := (*ledger.Tampered)(nil); errors.As(err, &t) {
		return err
	}
	return nil
}
