package term

import (
	"unicode"
	"unicode/utf8"

	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// region is a stretch of text worth a second look: bytes, and the rune offset of its start.
type region struct{ from, to, rune int }

// regions returns the stretches of s around digits that are not plain Chinese, or the second of two, and those around runes
// that stand twice in a row, wide enough for a match of look runes more than its first on each side. A run of equal runes
// counts once.
func regions(s []byte, look int) (digits, repeats []region) {
	f := fold.Words()
	d, e := gatherer{s: s, look: look}, gatherer{s: s, look: look}
	last, wasDigit := automaton.Free, false
	for i, n := 0, 0; i < len(s); n++ {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRune(s[i:])
		}
		c := f.Rune(r)
		if c == automaton.Skip || c == automaton.Free {
			i += w
			continue
		}
		isDigit := digit(c)
		if isDigit && (wasDigit || !unicode.Is(unicode.Han, r)) {
			d.mark(i, n)
		}
		if c != last {
			d.next(i)
			e.next(i)
		} else if c >= 0 {
			e.mark(i, n)
		}
		last, wasDigit = c, isDigit
		i += w
	}
	return d.done(), e.done()
}

// digit reports whether a folded rune is a digit, Arabic or plain Chinese.
func digit(c rune) bool {
	if c < 0x3007 || c > '四' {
		return c >= '0' && c <= '9'
	}
	v := fold.Digits().Rune(c)
	return v >= '0' && v <= '9'
}

// gatherer joins marked places to stretches.
type gatherer struct {
	s    []byte
	look int
	out  []region
	open region
	left int // runs that still belong to the open stretch; 0: none is open
}

// next begins a run of equal runes at byte i.
func (g *gatherer) next(i int) {
	if g.left > 0 {
		if g.left--; g.left == 0 {
			g.close(i)
		}
	}
}

// mark opens a stretch around byte i, which is rune n, or keeps the open one open.
func (g *gatherer) mark(i, n int) {
	if g.left == 0 {
		g.open = g.back(i, n)
	}
	g.left = g.look + 3
}

// back returns where a stretch around byte i begins.
func (g *gatherer) back(i, n int) region {
	f := fold.Words()
	from := region{from: i, rune: n}
	last, runs := automaton.Free, 0
	for i > 0 {
		r, w := utf8.DecodeLastRune(g.s[:i])
		i, n = i-w, n-1
		c := f.Rune(r)
		if c == automaton.Skip || c == automaton.Free {
			continue
		}
		if c != last {
			if runs++; runs > g.look+2 {
				break
			}
		}
		last, from.from, from.rune = c, i, n
	}
	return from
}

// close ends the open stretch; one that overlaps the stretch before is joined to it.
func (g *gatherer) close(to int) {
	g.left = 0
	if k := len(g.out); k > 0 && g.out[k-1].to >= g.open.from {
		g.out[k-1].to = to
		return
	}
	g.open.to = to
	g.out = append(g.out, g.open)
}

// done ends the last stretch and returns all.
func (g *gatherer) done() []region {
	if g.left > 0 {
		g.close(len(g.s))
	}
	return g.out
}
