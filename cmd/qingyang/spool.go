package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// spool implements workflow.Spool with a folder beside the keys, a file a record: whoever may write there could sign as well.
type spool struct{ dir string }

const spoolExt = ".json"

func openSpool(keys string) (spool, error) {
	s := spool{filepath.Join(keys, "spool")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return s, fmt.Errorf("spool: %w", err)
	}
	return s, nil
}

// Keep writes the record durably: file and folder are synced when it returns.
func (s spool) Keep(name string, rec ledger.Record) error {
	return writeFile(filepath.Join(s.dir, name+spoolExt), rec.Bytes(), 0o600)
}

// Kept returns the records by name, which begins with their time.
func (s spool) Kept() (out []workflow.Spooled, err error) {
	es, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range es {
		name, ok := strings.CutSuffix(e.Name(), spoolExt)
		if !ok {
			continue // a file that was not finished
		}
		b, err := os.ReadFile(filepath.Join(s.dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process has replayed it
		}
		if err != nil {
			return nil, err
		}
		rec, err := ledger.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		out = append(out, workflow.Spooled{Name: name, Record: rec})
	}
	return out, nil
}

// Drop removes the record. A crash before brings it back, which replaying bears.
func (s spool) Drop(name string) error {
	err := os.Remove(filepath.Join(s.dir, name+spoolExt))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
