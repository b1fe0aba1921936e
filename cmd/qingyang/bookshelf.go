package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"qingyang/review"
	"qingyang/review/index"
	"qingyang/review/term"
	"qingyang/ui/page"
)

// bookshelf implements page.Library over the libraries of the program. Its index is opened by the first search, so that a
// start does not wait for it, and is filled again whenever the rules are not those it was made from.
type bookshelf struct {
	*app
	mu   sync.Mutex
	open *index.Terms
	of   string // the rules that it was filled from
}

func (a *app) newBookshelf() *bookshelf {
	b := &bookshelf{app: a}
	a.onClose(func(context.Context) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.open == nil {
			return nil
		}
		return b.open.Close()
	})
	return b
}

// Installed returns the libraries and the sum of the rules in force.
func (b *bookshelf) Installed(context.Context) ([]page.Shelf, string, error) {
	var out []page.Shelf
	for _, l := range b.lexicon.Libraries() {
		s := page.Shelf{Name: l.Name, Version: l.Version, Terms: len(l.Terms), Allow: len(l.Allow)}
		content, err := json.Marshal(l)
		if err != nil {
			return nil, "", fmt.Errorf("sum of library %s: %w", l.Name, err)
		}
		sum := sha256.Sum256(content)
		s.SHA = hex.EncodeToString(sum[:])
		for _, t := range l.Terms {
			if !slices.Contains(s.Categories, t.Category) {
				s.Categories = append(s.Categories, t.Category)
			}
		}
		out = append(out, s)
	}
	return out, b.engine.Library(), nil
}

// Search returns terms in the order of the index, best first.
func (b *bookshelf) Search(ctx context.Context, text, category string, limit int) ([]page.Term, error) {
	libs := b.lexicon.Libraries()
	x, err := b.terms(ctx, libs)
	if err != nil {
		return nil, err
	}
	found, err := x.Search(ctx, text, category, limit)
	if err != nil {
		return nil, err
	}
	var out []page.Term
	for _, f := range found {
		i := slices.IndexFunc(libs, func(l term.Library) bool { return l.Name == f.Library })
		if i < 0 || f.Index >= len(libs[i].Terms) {
			continue
		}
		t := libs[i].Terms[f.Index]
		out = append(out, page.Term{
			Library: f.Library, Version: libs[i].Version, Text: t.Text, Category: t.Category, Level: t.Level, AutoReturn: t.AutoReturn,
			Basis: t.Basis, Why: t.Why, Suggest: t.Suggest,
		})
	}
	return out, nil
}

// Try scans a text as the body of an item.
func (b *bookshelf) Try(ctx context.Context, text string) (review.Report, error) {
	return b.engine.Scan(ctx, review.Document{Digest: "try", Parts: []review.Part{{Name: "body", Text: text}}})
}

// terms returns the index, filled with the libraries in force.
func (b *bookshelf) terms(ctx context.Context, libs []term.Library) (*index.Terms, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.engine.Library()
	if b.open != nil && b.of != now {
		if err := b.fill(ctx, b.open, libs, now); err != nil {
			return nil, err
		}
	}
	if b.open != nil {
		return b.open, nil
	}
	dir := filepath.Join(b.conf.Data, "index")
	x, fresh, err := index.OpenTerms(dir)
	if err != nil {
		return nil, err
	}
	was, err := os.ReadFile(b.termsMark())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("mark of the term index: %w", err), x.Close())
	}
	if b.of = string(was); fresh || b.of != now {
		if err := b.fill(ctx, x, libs, now); err != nil {
			return nil, errors.Join(err, x.Close())
		}
	}
	b.open = x
	return x, nil
}

// termsMark is the file that names the rules from which the term index was filled.
func (b *bookshelf) termsMark() string { return filepath.Join(b.conf.Data, "index", "terms-of") }

// fill puts the libraries into the index in place of what was there.
func (b *bookshelf) fill(ctx context.Context, x *index.Terms, libs []term.Library, now string) error {
	for _, l := range libs {
		if err := x.Put(ctx, l); err != nil {
			return err
		}
	}
	if err := writeFile(b.termsMark(), []byte(now), 0o600); err != nil {
		return fmt.Errorf("mark of the term index: %w", err)
	}
	b.of = now
	return nil
}
