package term

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// Only returns a ruleset of one library, with the cover words of r.
func (r *Ruleset) Only(lib Library) (*Ruleset, error) {
	out, err := Compile(always, lib)
	if err != nil {
		return nil, err
	}
	out.cover = r.cover
	return out, nil
}

// With returns r with more terms and allow phrases, under the name that made them. The terms of r are not compiled again.
func (r *Ruleset) With(name string, terms []Term, allow []string) (*Ruleset, error) {
	d := &drafted{}
	sum := sha256.New()
	fmt.Fprintf(sum, "over %s\n", r.sum)
	if err := d.library(always, Library{Name: name, Version: "live", Terms: terms, Allow: allow}, sum); err != nil {
		return nil, err
	}
	l, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	out := *r
	out.layers = append(slices.Clone(r.layers), l)
	out.sum = hex.EncodeToString(sum.Sum(nil))
	return &out, nil
}

// Without returns r without the terms of this text, exactly as they stand in their libraries.
func (r *Ruleset) Without(text string) *Ruleset {
	out := *r
	out.dead = maps.Clone(r.dead)
	if out.dead == nil {
		out.dead = map[place]struct{}{}
	}
	for i, l := range r.layers {
		for _, id := range l.find(text) {
			out.dead[place{i, id}] = struct{}{}
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "without %s %q", r.sum, text))
	out.sum = hex.EncodeToString(sum[:])
	return &out
}
