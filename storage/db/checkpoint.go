package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"qingyang/workflow/ledger"
)

const checkpointEvery = 5 * time.Second

// Head returns the present size and root of the log, as the stored hashes have it, without a time.
func (d *DB) Head(ctx context.Context) (c ledger.Checkpoint, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		if c.Size, err = logSize(ctx, q); err == nil {
			c.Root, err = ledger.Root(c.Size, stored(ctx, q))
		}
		return err
	})
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("head of the log: %w", err)
	}
	return c, nil
}

// Checkpoint signs the present head and replaces the file at s.Path with it. It returns a *ledger.Tampered error and leaves
// the file alone if the log does not continue what the file says.
func (s *Sequencer) Checkpoint(ctx context.Context) error {
	old, err := s.newest() // before the head: another node may replace the file by one that is ahead of ours
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", s.Path, err)
	}
	head, err := s.DB.Head(ctx)
	if err != nil {
		return err
	}
	if err := s.continues(ctx, old, head); err != nil {
		return fmt.Errorf("checkpoint %s: %w", s.Path, err)
	}
	head.At = s.Now()
	b, err := head.Sign(s.Key)
	if err != nil {
		return err
	}
	if err := replace(s.Path, b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// newest returns the checkpoint in the file; the zero one if there is none.
func (s *Sequencer) newest() (ledger.Checkpoint, error) {
	b, err := os.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Checkpoint{}, nil
	}
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return ledger.OpenCheckpoint(b, s.Keys)
}

// continues holds head against old, unless that is the zero one.
func (s *Sequencer) continues(ctx context.Context, old, head ledger.Checkpoint) error {
	if old.Size == 0 {
		return nil
	}
	if old.Size > head.Size {
		return &ledger.Tampered{From: head.Size, To: head.Size, Fault: ledger.Missing}
	}
	root, err := ledger.Root(old.Size, stored(ctx, s.DB.r))
	if err != nil {
		return err
	}
	if root != old.Root {
		return &ledger.Tampered{From: 0, To: max(old.Size-1, 0), Fault: ledger.Rewritten}
	}
	return nil
}

// replace puts b at path so that after a crash either the old or the new file is there, whole.
func replace(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d, err := os.Open(dir) //nolint:gosec // the folder that the operator named
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
