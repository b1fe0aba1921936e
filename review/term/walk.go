package term

import (
	"slices"

	"qingyang/review/term/sound"
)

// walk looks for spelled terms from every place of a text.
type walk struct {
	sc    *scan
	k     *likeness
	l     *layer
	layer int
	text  []glyph
	ends  [MaxRunes + 1]int // glyph behind each unit of the path
}

func (w *walk) all() {
	if len(w.k.spelled) == 0 {
		return
	}
	start := func(i int, u unit, next int) {
		if p := w.k.first[u]; p[0] < p[1] && w.pair(u, next) {
			w.ends[0] = next
			w.step(i, p[0], p[1], 1)
		}
	}
	for i, g := range w.text {
		switch {
		case g.r == 0:
		case !latin(g.r):
			for _, id := range sound.Readings(g.r) {
				start(i, unit(id), i+1)
			}
			if u, ok := w.k.literal[g.r]; ok {
				start(i, u, i+1)
			}
		case i == 0 || !latin(w.text[i-1].r) || w.text[i-1].to != g.from: // where a word begins
			w.units(i, func(u unit, next int) { start(i, u, next) })
		}
	}
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' }

// pair reports whether some term may begin with u and what stands at glyph i.
func (w *walk) pair(u unit, i int) bool {
	if i >= len(w.text) || w.text[i].r == 0 {
		return false
	}
	r := w.text[i].r
	if latin(r) {
		return true
	}
	for _, id := range sound.Readings(r) {
		if w.k.begins(u, unit(id)) {
			return true
		}
	}
	v, ok := w.k.literal[r]
	return ok && w.k.begins(u, v)
}

// units calls fn for everything that the text at glyph i can be read as, with the glyph behind it.
func (w *walk) units(i int, fn func(u unit, next int)) {
	if i >= len(w.text) || w.text[i].r == 0 {
		return
	}
	r := w.text[i].r
	for _, id := range sound.Readings(r) {
		fn(unit(id), i+1)
	}
	if u, ok := w.k.literal[r]; ok {
		fn(u, i+1)
	}
	var letters [longestLetter]byte
	for n := 0; n < len(letters) && i+n < len(w.text) && latin(w.text[i+n].r); n++ {
		letters[n] = byte(w.text[i+n].r)
		if id := sound.Syllable(letters[:n+1]); id != 0 {
			fn(unit(id), i+n+1)
		}
	}
}

// step goes on with the terms [lo, hi), which share d units; the path began at glyph i.
func (w *walk) step(i, lo, hi, d int) {
	for ; lo < hi && len(w.k.spelled[lo].units) == d; lo++ {
		w.found(i, w.k.spelled[lo].id, d)
	}
	if lo == hi || d == MaxRunes {
		return
	}
	w.units(w.ends[d-1], func(u unit, next int) {
		if from, to := w.k.child(lo, hi, d, u); from < to {
			w.ends[d] = next
			w.step(i, from, to, d+1)
		}
	})
}

// found keeps the path if the term wants to be found in the ways it was.
func (w *walk) found(i int, id uint32, d int) {
	term := []rune(folded(w.l.text.at(id)))
	if len(term) != d {
		return
	}
	var way Fuzzy
	for j, at := 0, i; j < d; j++ {
		switch g := w.text[at]; {
		case latin(g.r) && g.r != term[j]:
			way |= Pinyin
		case g.r != term[j]:
			way |= Homophone
		}
		at = w.ends[j]
	}
	last := w.text[w.ends[d-1]-1]
	if way == 0 || way&^w.l.entries[w.l.group[id]].fuzzy != 0 || w.cut(last) {
		return
	}
	w.sc.keep(hit{
		at: place{w.layer, id}, start: w.text[i].start, end: last.start + 1, from: w.text[i].from, to: last.to, way: way,
	})
}

// cut reports whether Latin letters go on behind the last glyph.
func (w *walk) cut(last glyph) bool {
	k, _ := slices.BinarySearchFunc(w.text, last.from, func(g glyph, at int) int { return g.from - at })
	return latin(last.r) && k+1 < len(w.text) && latin(w.text[k+1].r) && w.text[k+1].from == last.to
}
