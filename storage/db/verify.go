package db

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"qingyang/workflow/ledger"
)

// Verify reads the whole log once, in constant memory, and holds it against its hashes, the signatures on its records (if
// keys is not nil) and the checkpoints, which must have been opened with their key. It returns the verified head, or a
// *ledger.Tampered error that names the first bad record. A record that was kept from the sequencer counts as inserted
// after the last.
func (d *DB) Verify(ctx context.Context, keys ledger.PublicKeys, checkpoints ...ledger.Checkpoint) (head ledger.Checkpoint, err error) {
	v := ledger.NewVerifier(keys, checkpoints...)
	err = d.inSnapshot(ctx, func(q querier) error {
		if err := eachRecord(ctx, q, v.Add); err != nil {
			return err
		}
		var hashes, hidden int64
		if err := q.QueryRowContext(ctx, `SELECT coalesce(sum(length(hashes)), 0), (SELECT count(*) FROM audit a
			LEFT JOIN tree t ON t.audit = a.id LEFT JOIN pending p ON p.audit = a.id
			WHERE t.audit IS NULL AND p.audit IS NULL) FROM tree`).Scan(&hashes, &hidden); err != nil {
			return err
		}
		if head.Size, head.Root, err = v.Close(hashes / (2 * int64(ledgerHash))); err == nil && hidden > 0 {
			err = &ledger.Tampered{From: head.Size, To: head.Size, Fault: ledger.Inserted}
		}
		return err
	})
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("verify log: %w", err)
	}
	return head, nil
}

// eachRecord calls f with every placed record in order.
func eachRecord(ctx context.Context, q querier, f func(seq int64, leaf []byte, hashes []ledger.Hash) error) (err error) {
	rows, err := q.QueryContext(ctx, `SELECT t.seq, a.body, t.hashes FROM tree t JOIN audit a ON a.id = t.audit ORDER BY t.seq`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		var leaf []byte
		var hashes string
		if err := rows.Scan(&seq, &leaf, &hashes); err != nil {
			return err
		}
		if err := f(seq, leaf, unpackHashes(hashes)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Export writes the placed records in order, each its leaf as one line of JSON.
func (d *DB) Export(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := eachRecord(ctx, d.r, func(_ int64, leaf []byte, _ []ledger.Hash) error {
		_, err := out.Write(append(leaf, '\n'))
		return err
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("export log: %w", err)
	}
	return nil
}

// ProveRecord returns record seq and the proof that it is in the log of the first size records. It returns
// ledger.ErrProof unless 0 <= seq < size and the log has so many.
func (d *DB) ProveRecord(ctx context.Context, size, seq int64) (leaf []byte, p ledger.Proof, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		if err := within(ctx, q, size); err != nil {
			return err
		}
		if p, err = ledger.ProveRecord(size, seq, stored(ctx, q)); err != nil {
			return err
		}
		return one(q.QueryRowContext(ctx, `SELECT a.body FROM tree t JOIN audit a ON a.id = t.audit WHERE t.seq = $1`, seq), &leaf)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("prove record: %w", err)
	}
	return leaf, p, nil
}

func within(ctx context.Context, q querier, size int64) error {
	has, err := logSize(ctx, q)
	if err == nil && size > has {
		err = fmt.Errorf("%w: %d records in a log of %d", ledger.ErrProof, size, has)
	}
	return err
}
