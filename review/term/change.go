package term

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
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

// With returns r with another library on top. The base of r is not compiled again, only what was put on it since; Flat
// joins both.
func (r *Ruleset) With(lib Library) (*Ruleset, error) {
	d := &drafted{}
	out := *r
	out.dead = maps.Clone(r.dead)
	if len(r.layers) > 1 {
		d.again(r, 1)
		maps.DeleteFunc(out.dead, func(p place, _ struct{}) bool { return p.layer == 1 })
	}
	d.sum = sha256.New()
	d.hash('o', r.sum)
	if err := d.library(always, lib); err != nil {
		return nil, err
	}
	l, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", lib.Name, err)
	}
	out.layers = []*layer{r.layers[0], l}
	out.version += " +" + lib.Name + "@" + lib.Version
	out.sum = hex.EncodeToString(d.sum.Sum(nil))
	return &out, nil
}

// Flat returns the same rules, with the same hash, compiled as one.
func (r *Ruleset) Flat() (*Ruleset, error) {
	if len(r.layers) == 1 && len(r.dead) == 0 {
		return r, nil
	}
	d := &drafted{}
	for i := range r.layers {
		d.again(r, i)
	}
	l, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("compile anew: %w", err)
	}
	out := *r
	out.layers, out.dead = []*layer{l}, nil
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
