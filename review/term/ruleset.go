package term

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qingyang/review/term/fold"
)

// Ruleset is a set of compiled libraries. It is immutable and safe for concurrent use; it implements review.Detector.
type Ruleset struct {
	version string
	sum     string
	layers  []*layer
	dead    map[place]struct{} // terms of lower layers that were removed
	cover   map[string]struct{}
}

// always is a time at which every term without a period is in force.
var always = time.Time{}

// place names a term in a ruleset.
type place struct {
	layer int
	id    uint32
}

// Version names the libraries and their versions, in order.
func (r *Ruleset) Version() string { return r.version }

// SHA256 returns the hex hash of everything that decides about hits.
func (r *Ruleset) SHA256() string { return r.sum }

// Len returns how many terms are in force.
func (r *Ruleset) Len() int {
	n := -len(r.dead)
	for _, l := range r.layers {
		n += len(l.group)
	}
	return n
}

// Compile makes a ruleset of the terms that are in force at a time. It fails with *RefusedError for the first term that must not be
// in a library, and with ErrTooMany.
func Compile(at time.Time, libs ...Library) (*Ruleset, error) {
	d := &drafted{sum: sha256.New()}
	cover := map[string]struct{}{}
	var names []string
	for _, lib := range libs {
		names = append(names, lib.Name+"@"+lib.Version)
		if err := d.library(at, lib); err != nil {
			return nil, err
		}
		addCover(cover, lib.Cover)
	}
	for _, w := range slices.Sorted(maps.Keys(cover)) {
		d.hash('c', w)
	}
	l, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", strings.Join(names, " "), err)
	}
	return &Ruleset{
		version: strings.Join(names, " "), sum: hex.EncodeToString(d.sum.Sum(nil)), layers: []*layer{l}, cover: cover,
	}, nil
}

// library takes in one library.
func (d *drafted) library(at time.Time, lib Library) error {
	name := lib.Name + "@" + lib.Version
	d.hash('l', name)
	d.text, d.group = slices.Grow(d.text, len(lib.Terms)), slices.Grow(d.group, len(lib.Terms))
	for i, t := range lib.Terms {
		if reason := t.check(); reason != "" {
			return &RefusedError{lib.Name, i, t.Text, reason}
		}
		if !t.valid(at) {
			continue
		}
		if len(d.group) == MaxTerms {
			return ErrTooMany
		}
		d.add(name, t)
	}
	for i, a := range lib.Allow {
		if n := utf8.RuneCountInString(a); n == 0 || n > MaxRunes || !utf8.ValidString(a) {
			return &RefusedError{lib.Name, i, a, "放行短语须为 1 至 64 个字 (allow phrase)"}
		}
		d.hash('a', a)
		d.allow = append(d.allow, a)
	}
	return nil
}

// addCover enters words as they are compared.
func addCover(cover map[string]struct{}, words []string) {
	for _, w := range words {
		if f := folded(w); utf8.RuneCountInString(f) > 1 {
			cover[f] = struct{}{}
		}
	}
}

// folded returns the runes of s that are compared.
func folded(s string) string {
	return strings.Map(func(r rune) rune { return max(fold.Rune(r), -1) }, s)
}
