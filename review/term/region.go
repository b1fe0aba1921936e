package term

import (
	"unicode/utf8"

	"qingyang/review/term/automaton"
)

// region is a stretch of text worth a second look: bytes, and the rune offset of its start.
type region struct{ from, to, rune int }

// regions returns the stretches around the places where here says yes, wide enough for a match of look runes more than its
// first on each side. A run of equal runes counts once.
func regions(s []byte, f *automaton.Fold, look int, here func(before, r rune) bool) (out []region) {
	before := rune(automaton.Break)
	n := 0
	for i := 0; i < len(s); n++ {
		r, w := utf8.DecodeRune(s[i:])
		c := f.Rune(r)
		if c == automaton.Skip || c == automaton.Free {
			i += w
			continue
		}
		if c >= 0 && here(before, r) {
			out = widen(out, s, f, look, i, n)
		}
		before = r
		i += w
	}
	return out
}

// widen adds the stretch around byte i, which is rune n, or lengthens the last one.
func widen(out []region, s []byte, f *automaton.Fold, look, i, n int) []region {
	to := i
	for count, last := 0, rune(automaton.Break); to < len(s) && count <= look+1; {
		r, w := utf8.DecodeRune(s[to:])
		count, last = step(f, r, last, count)
		to += w
	}
	if k := len(out); k > 0 && out[k-1].to >= i {
		out[k-1].to = max(out[k-1].to, to)
		return out
	}
	from, at := i, n
	for count, last := 0, rune(automaton.Break); from > 0 && count <= look+1; at-- {
		r, w := utf8.DecodeLastRune(s[:from])
		count, last = step(f, r, last, count)
		from -= w
	}
	return append(out, region{from, to, at})
}

// step counts r unless it is passed over or repeats the one before.
func step(f *automaton.Fold, r, last rune, count int) (int, rune) {
	c := f.Rune(r)
	if c == last || c == automaton.Skip || c == automaton.Free {
		return count, last
	}
	return count + 1, c
}
