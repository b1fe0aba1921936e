package term

import (
	"unicode/utf8"

	"qingyang/review/term/automaton"
)

// region is a stretch of text worth a second look: bytes, and the rune offset of its start.
type region struct{ from, to, rune int }

// regions returns the stretches around the places where here says yes, wide enough for a match of look runes more than its
// first on each side. A run of equal runes counts once; here gets the compared rune before, and the rune.
func regions(s []byte, f *automaton.Fold, look int, here func(before, r rune) bool) []region {
	g := gatherer{back: make([]region, look+2)}
	before, last := rune(0), rune(automaton.Free)
	for i, n := 0, 0; i < len(s); n++ {
		r, w := utf8.DecodeRune(s[i:])
		c := f.Rune(r)
		if c != automaton.Skip && c != automaton.Free {
			if c != last {
				g.run(i, n)
			}
			if c >= 0 && here(before, r) {
				g.mark()
			}
			before, last = r, c
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
	g.back[g.runs%len(g.back)] = region{from: i, rune: n}
	g.runs++
}

// mark opens a stretch at the place reached, or keeps the open one open.
func (g *gatherer) mark() {
	if g.left == 0 {
		g.open = g.back[max(0, g.runs-len(g.back))%len(g.back)]
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
