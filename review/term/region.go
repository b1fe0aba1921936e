package term

import (
	"unicode/utf8"

	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// region is a stretch of text worth a second look: bytes, and the rune offset of its start.
type region struct{ from, to, rune int }

// reason is why a place is worth a second look.
type reason bool

const (
	repeated reason = false // a rune stands twice in a row
	digit    reason = true  // a digit that is not plain Chinese, or the second of two
)

// regions returns the stretches around such places, wide enough for a match of look runes more than its first on each
// side. A run of equal runes counts once.
func regions(s []byte, f *automaton.Fold, look int, why reason) []region { //nolint:cyclop // one loop over every rune of a text
	g := gatherer{back: make([]region, look+2)}
	last := automaton.Free
	for i, n := 0, 0; i < len(s); n++ {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRune(s[i:])
		}
		c := f.Rune(r)
		if c != automaton.Skip && c != automaton.Free {
			same := c == last
			if !same {
				g.run(i, n)
			}
			if c >= 0 && (why == repeated && same || why == digit && c <= '9' && c >= '0' && (!fold.Han(r) || last <= '9' && last >= '0')) {
				g.mark()
			}
			last = c
		}
		i += w
	}
	if g.left > 0 {
		g.close(len(s))
	}
	return g.out
}

// gatherer remembers where the last runs of equal runes began.
type gatherer struct {
	out  []region
	back []region // a ring; only from and rune are set
	next int      // where in the ring the next run goes: the oldest
	runs int
	open region
	left int // runs that still belong to the open stretch; 0: none is open
}

// run begins a run of equal runes.
func (g *gatherer) run(i, n int) {
	if g.left > 0 {
		if g.left--; g.left == 0 {
			g.close(i)
		}
	}
	g.back[g.next] = region{from: i, rune: n}
	g.runs++
	if g.next++; g.next == len(g.back) {
		g.next = 0
	}
}

// mark opens a stretch at the place reached, or keeps the open one open.
func (g *gatherer) mark() {
	if g.left == 0 {
		g.open = g.back[0]
		if g.runs >= len(g.back) {
			g.open = g.back[g.next]
		}
	}
	g.left = len(g.back) + 1
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
