// Package engine runs every detector over a whole document: its parts and its files.
package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"qingyang/review"
	"qingyang/review/extract"
	"qingyang/review/term"
)

// Engine checks documents. It is safe for concurrent use; a scan under way keeps the rules it began with.
type Engine struct {
	rules     atomic.Pointer[term.Ruleset]
	change    sync.Mutex // held while new rules are made from the old ones
	detectors []review.Detector
}

// New returns an engine with these terms and detectors.
func New(rules *term.Ruleset, detectors ...review.Detector) *Engine {
	e := &Engine{detectors: detectors}
	e.rules.Store(rules)
	return e
}

// Rules returns the terms in force.
func (e *Engine) Rules() *term.Ruleset { return e.rules.Load() }

// SetRules puts other terms in force. Scans never wait for it.
func (e *Engine) SetRules(r *term.Ruleset) {
	e.change.Lock()
	defer e.change.Unlock()
	e.rules.Store(r)
}

// Change puts in force what f makes of the present rules, for instance with (*term.Ruleset).With. An error of f changes
// nothing and is returned.
func (e *Engine) Change(f func(*term.Ruleset) (*term.Ruleset, error)) error {
	e.change.Lock()
	defer e.change.Unlock()
	r, err := f(e.Rules())
	if err == nil {
		e.rules.Store(r)
	}
	return err
}

// Settle compiles what was changed since the last time into one, so that scans are as fast as before. It takes up to a
// second for the largest libraries and holds up neither scans nor changes; a change meanwhile leaves it for the next call.
func (e *Engine) Settle() error {
	old := e.Rules()
	flat, err := old.Flat()
	if err == nil {
		e.rules.CompareAndSwap(old, flat)
	}
	return err
}

// Library returns what a report made now would carry: versions and SHA-256 of the rules in force.
func (e *Engine) Library() string { return name(e.Rules()) }

func name(r *term.Ruleset) string { return r.Version() + " sha256:" + r.SHA256() }

// Scan returns what must be looked at in d, by part and place. An error means not scanned, never clean. A file that cannot
// be read is a finding of kind review.File.
func (e *Engine) Scan(ctx context.Context, d review.Document) (review.Report, error) {
	return e.scan(ctx, d, e.Rules())
}

func (e *Engine) scan(ctx context.Context, d review.Document, rules *term.Ruleset) (review.Report, error) {
	s := sheet{ctx: ctx, rules: rules, detectors: e.detectors, order: map[string]int{}, dark: map[string]bool{}}
	for _, p := range d.Parts {
		if err := s.part(p); err != nil {
			return review.Report{}, fmt.Errorf("scan part %s: %w", p.Name, err)
		}
	}
	for _, f := range d.Files {
		if err := s.file(f); err != nil {
			return review.Report{}, fmt.Errorf("scan file %s: %w", f.Name, err)
		}
	}
	return s.report(d.Digest), nil
}

// part checks one text.
func (s *sheet) part(p review.Part) error {
	segs, err := extract.Part(p)
	if err != nil {
		return err
	}
	src := runes{text: p.Text}
	for _, seg := range segs {
		if err := s.segment(seg, &src); err != nil {
			return err
		}
	}
	return nil
}

// unreadable are the faults of a file itself; every other error means that it was not looked at.
var unreadable = []error{
	extract.ErrTooLarge, extract.ErrForbiddenType, extract.ErrMismatch, extract.ErrBroken, extract.ErrEncrypted,
}

// file checks one attached file.
func (s *sheet) file(f review.Upload) error {
	segs, found, err := extract.Upload(s.ctx, f)
	for _, u := range unreadable {
		if errors.Is(err, u) {
			found = append(found, notRead(f.Name, u.Error()))
			err = nil
			break
		}
	}
	if err != nil {
		return err
	}
	if len(found) == 0 && !hasText(segs) {
		found = append(found, notRead(f.Name, "没有可读的文字 (no text)"))
	}
	s.enter(f.Name)
	for _, x := range found {
		s.enter(x.Part)
		s.findings = append(s.findings, x)
	}
	for _, seg := range segs {
		if err := s.segment(seg, nil); err != nil {
			return err
		}
	}
	return nil
}

func hasText(segs []review.Segment) bool {
	for _, s := range segs {
		if s.Where != "file_name" && strings.TrimSpace(s.Text) != "" {
			return true
		}
	}
	return false
}

// notRead is the finding for a file that a machine cannot read.
func notRead(name, why string) review.Finding {
	return review.Finding{
		Kind: review.File, Type: "unreadable", Level: review.Ask, Part: name, Text: name, Match: review.Exact,
		Rule: "file.unreadable", Library: "engine/1", Why: "机器不能读取，须人工查看：" + why, Suggest: "请人工逐页查看，或换成可读的文件",
	}
}
