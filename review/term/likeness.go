package term

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"unicode/utf8"

	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
	"qingyang/review/term/sound"
)

// unit is what is compared by sound: a syllable, or a rune that has none (numbered from literalUnit on).
type unit uint16

const (
	literalUnit   = 0x1000
	maxReadings   = 8  // spellings of one term
	maxSplits     = 96 // split forms of one term
	minSounds     = 2  // Chinese characters in a term looked for by sound
	minInitials   = 3
	longestLetter = sound.Longest
)

// spelled is one term as units.
type spelled struct {
	units []unit
	id    uint32
}

// likeness finds the terms of a layer by sound and shape.
type likeness struct {
	literal map[rune]unit
	spelled []spelled       // sorted by units
	first   [][2]int        // places in spelled by first unit
	pairs   [1 << 12]uint64 // bitmap of hashed first two units

	initials, split    *automaton.Matcher
	initialID, splitID []uint32
}

// newLikeness compiles the terms of l that want it; nil when none does.
func newLikeness(l *layer) (*likeness, error) {
	k := &likeness{literal: map[rune]unit{}}
	var short, apart []string
	for id, g := range l.group {
		want := l.entries[g].fuzzy
		if _, asIs := slices.BinarySearch(l.literal, uint32(id)); want == 0 || asIs {
			continue
		}
		text := []rune(folded(l.text.at(uint32(id))))
		k.spell(uint32(id), text, want)
		if want&Initials != 0 {
			for _, s := range initials(text) {
				short, k.initialID = append(short, s), append(k.initialID, uint32(id))
			}
		}
		if want&Split != 0 {
			for _, s := range splits(text) {
				apart, k.splitID = append(apart, s), append(k.splitID, uint32(id))
			}
		}
	}
	if len(k.spelled)+len(short)+len(apart) == 0 {
		return nil, nil
	}
	k.index()
	var err error
	if k.initials, _, err = automaton.Build(short, fold.Words()); err != nil {
		return nil, err
	}
	k.split, _, err = automaton.Build(apart, fold.Words())
	return k, err
}

// spell enters a term with its readings.
func (k *likeness) spell(id uint32, text []rune, want Fuzzy) {
	if want&(Pinyin|Homophone) == 0 {
		return
	}
	all := [][]unit{nil}
	sounds := 0
	for _, r := range text {
		ids := sound.Readings(r)
		if len(ids) == 0 {
			u, ok := k.literal[r]
			if !ok {
				u = literalUnit + unit(len(k.literal))
				k.literal[r] = u
			}
			all = cross(all, u)
			continue
		}
		sounds++
		var us []unit
		for _, s := range ids[:min(len(ids), max(1, maxReadings/len(all)))] {
			us = append(us, unit(s))
		}
		all = cross(all, us...)
	}
	if sounds < minSounds {
		return
	}
	for _, us := range all {
		k.spelled = append(k.spelled, spelled{us, id})
	}
}

// cross lengthens every row by each unit.
func cross(rows [][]unit, us ...unit) (out [][]unit) {
	for _, row := range rows {
		for _, u := range us {
			out = append(out, append(slices.Clip(row), u))
		}
	}
	return out
}

func (k *likeness) index() {
	slices.SortFunc(k.spelled, func(a, b spelled) int {
		return cmp.Or(slices.Compare(a.units, b.units), cmp.Compare(a.id, b.id))
	})
	k.first = make([][2]int, literalUnit+len(k.literal))
	for i, s := range k.spelled {
		p := &k.first[s.units[0]]
		if p[1] == 0 {
			p[0] = i
		}
		p[1] = i + 1
		h := pairBit(s.units[0], s.units[1])
		k.pairs[h>>6] |= 1 << (h & 63)
	}
}

// pairBit hashes two units to 18 bits.
func pairBit(u, v unit) uint32 { return (uint32(u)<<16 | uint32(v)) * 0x9E3779B1 >> 14 }

// begins reports whether a term may begin with u and v.
func (k *likeness) begins(u, v unit) bool {
	h := pairBit(u, v)
	return k.pairs[h>>6]>>(h&63)&1 != 0
}

// initials returns the first letters of a term of Chinese characters.
func initials(text []rune) []string {
	rows := []string{""}
	for _, r := range text {
		ids := sound.Readings(r)
		if len(ids) == 0 {
			return nil
		}
		var next []string
		for _, row := range rows {
			for _, id := range ids[:min(len(ids), max(1, maxReadings/len(rows)))] {
				if s := row + sound.Name(id)[:1]; !slices.Contains(next, s) {
					next = append(next, s)
				}
			}
		}
		rows = next
	}
	if len(text) < minInitials {
		return nil
	}
	return rows
}

// child narrows the terms [lo, hi), which share d units, to those that go on with u.
func (k *likeness) child(lo, hi, d int, u unit) (int, int) {
	at := func(i int) unit {
		if us := k.spelled[i].units; len(us) > d {
			return us[d]
		}
		return 0
	}
	from := lo + sort.Search(hi-lo, func(i int) bool { return at(lo+i) >= u })
	to := from + sort.Search(hi-from, func(i int) bool { return at(from+i) > u })
	return from, to
}

// glyph is one compared rune of a text with its place. A rune of 0 ends every match.
type glyph struct {
	r        rune // folded
	start    int  // runes
	from, to int  // bytes
}

// glyphs returns what is compared of a text.
func glyphs(s []byte) []glyph {
	f := fold.Words()
	out := make([]glyph, 0, len(s)/3+8)
	skipped := 0
	for i, n := 0, 0; i < len(s); n++ {
		r, w := utf8.DecodeRune(s[i:])
		switch c := f.Rune(r); {
		case c == automaton.Free:
		case c == automaton.Skip:
			if skipped++; skipped == automaton.MaxSkip+1 {
				out = append(out, glyph{0, n, i, i + w})
			}
		default:
			out = append(out, glyph{max(c, 0), n, i, i + w})
			skipped = 0
		}
		i += w
	}
	return out
}

// likeness adds the hits by sound and shape, none of them inside another hit.
func (sc *scan) likeness(ctx context.Context) error {
	var text []glyph
	plain := len(sc.hits)
	for i, l := range sc.r.layers {
		if l.fuzzy == nil {
			continue
		}
		if text == nil {
			text = glyphs(sc.s)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		w := walk{sc: sc, k: l.fuzzy, l: l, layer: i, text: text}
		w.all()
		sc.derived(i, l.fuzzy.initials, l.fuzzy.initialID, Initials)
		sc.derived(i, l.fuzzy.split, l.fuzzy.splitID, Split)
	}
	sc.settle(plain)
	return nil
}

// derived takes the hits of a matcher of made-up forms.
func (sc *scan) derived(i int, m *automaton.Matcher, ids []uint32, way Fuzzy) {
	m.Scan(sc.s, func(x automaton.Match) {
		for id, ok := x.ID, true; ok; id, ok = m.Same(id) {
			sc.keep(hit{at: place{i, ids[id]}, start: x.RuneStart, end: x.RuneEnd, from: x.Start, to: x.End, way: way})
		}
	})
}

// settle drops the hits by likeness that lie inside a plain one, sorts the rest in and judges them.
func (sc *scan) settle(plain int) {
	if plain == len(sc.hits) {
		return
	}
	exact, reach := sc.hits[:plain:plain], sc.reach()
	var in allowed
	far := 0
	for _, h := range exact {
		far = max(far, h.end)
		in.start, in.end = append(in.start, h.start), append(in.end, far)
	}
	like := slices.Clone(sc.hits[plain:])
	slices.SortFunc(like, func(a, b hit) int { return cmp.Or(byTerm(a, b), cmp.Compare(a.way, b.way)) })
	like = slices.CompactFunc(like, func(a, b hit) bool { return byTerm(a, b) == 0 })
	sc.hits = exact
	for _, h := range widest(like) {
		switch {
		case in.covers(&h):
			continue
		case sc.cutsWord(&h):
			h.cause = CauseBoundary
		case reach.covers(&h):
			h.cause = CauseAllow
		case sc.straddled(&h) || sc.common(&h):
			h.cause = CauseCover
		}
		sc.hits = append(sc.hits, h)
	}
	slices.SortStableFunc(sc.hits, func(a, b hit) int { return cmp.Or(a.start-b.start, a.end-b.end) })
}

// widest drops the hits that lie inside another one of the same term. like is sorted by term and place.
func widest(like []hit) (out []hit) {
	for i, h := range like {
		inner := false
		for j := i + 1; j < len(like) && like[j].at == h.at && like[j].start == h.start; j++ {
			inner = true // the same start and a later end
		}
		if k := len(out); k > 0 && out[k-1].at == h.at && out[k-1].end >= h.end {
			inner = true
		}
		if !inner {
			out = append(out, h)
		}
	}
	return out
}

// common reports whether the words of the hit are themselves a cover word: 态度 is not 台独.
func (sc *scan) common(h *hit) bool {
	_, ok := sc.r.cover[folded(string(sc.s[h.from:h.to]))]
	return ok
}
