// Package compare says how one text became another, sentence by sentence and inside a changed sentence word by word. It is
// pure, and the same input always gives the same answer.
package compare

import (
	"slices"
	"strings"
)

// Kind says what became of a sentence or of a piece of one.
type Kind string

// The kinds. Changed is for sentences only.
const (
	Same    Kind = "same"
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Op is one sentence. Old is empty if it was added, New if it was removed; Pieces lead from Old to New and are set only if
// it was changed. Break says that a paragraph ends with it.
type Op struct {
	Kind   Kind    `json:"op"`
	Old    string  `json:"old,omitempty"`
	New    string  `json:"new,omitempty"`
	Pieces []Piece `json:"pieces,omitempty"`
	Break  bool    `json:"break,omitempty"`
}

// Piece is a part of a changed sentence: same, added or removed.
type Piece struct {
	Kind Kind   `json:"op"`
	Text string `json:"text"`
}

// Section is the comparison of one part of a document.
type Section struct {
	Part string `json:"part"`
	Ops  []Op   `json:"ops"`
}

// Differs reports whether any sentence of s is not the same.
func (s Section) Differs() bool {
	return slices.ContainsFunc(s.Ops, func(o Op) bool { return o.Kind != Same })
}

// most is how many cells a table of two lists may have. Texts with more sentences than that, once the common beginning and
// end are off, are shown as replaced whole: nobody could read such a comparison either.
const most = 4_000_000

// Sentences compares two plain texts. Joining Old of all but the added gives back the words of old, New of all but the
// removed those of new.
func Sentences(old, new string) []Op {
	a, b := split(old), split(new)
	head := common(a, b)
	a, b = a[head:], b[head:]
	tail := commonEnd(a, b)
	var out []Op
	for _, s := range split(old)[:head] {
		out = append(out, s.same())
	}
	out = append(out, middle(a[:len(a)-tail], b[:len(b)-tail])...)
	for _, s := range b[len(b)-tail:] {
		out = append(out, s.same())
	}
	return out
}

// sentence is a run of text up to its end mark. Last says that a paragraph ends there.
type sentence struct {
	text string
	last bool
}

func (s sentence) same() Op    { return Op{Kind: Same, Old: s.text, New: s.text, Break: s.last} }
func (s sentence) added() Op   { return Op{Kind: Added, New: s.text, Break: s.last} }
func (s sentence) removed() Op { return Op{Kind: Removed, Old: s.text, Break: s.last} }

// split cuts at the end marks 。！？；!?; and at line ends. A closing quote or bracket stays with its sentence.
func split(text string) []sentence {
	var out []sentence
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for line != "" {
			n := end(line)
			if s := strings.TrimSpace(line[:n]); s != "" {
				out = append(out, sentence{text: s})
			}
			line = line[n:]
		}
		if len(out) > 0 {
			out[len(out)-1].last = true
		}
	}
	return out
}

// end returns the length in bytes of the first sentence of line.
func end(line string) int {
	i := strings.IndexAny(line, "。！？；!?;")
	if i < 0 {
		return len(line)
	}
	rest := strings.TrimLeft(line[i:], "。！？；!?;”’」』）)")
	return len(line) - len(rest)
}

func common(a, b []sentence) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonEnd(a, b []sentence) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// middle walks the longest common subsequence and pairs what lies between.
func middle(a, b []sentence) []Op {
	if len(a)*len(b) > most {
		return gap(a, b)
	}
	t := lengths(a, b)
	var out []Op
	i, j, fromA, fromB := 0, 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].text == b[j].text:
			out = append(out, gap(a[fromA:i], b[fromB:j])...)
			out = append(out, b[j].same())
			i, j = i+1, j+1
			fromA, fromB = i, j
		case t[(i+1)*(len(b)+1)+j] >= t[i*(len(b)+1)+j+1]:
			i++
		default:
			j++
		}
	}
	return append(out, gap(a[fromA:], b[fromB:])...)
}

// lengths returns the table of the longest common subsequences of all ends of a and b, row by row. The shorter list has at
// most 2000 sentences, so that a length fits 16 bits.
func lengths(a, b []sentence) []uint16 {
	w := len(b) + 1
	t := make([]uint16, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].text == b[j].text {
				t[i*w+j] = t[(i+1)*w+j+1] + 1
				continue
			}
			t[i*w+j] = max(t[(i+1)*w+j], t[i*w+j+1])
		}
	}
	return t
}

// patience is how many pairs of a gap are looked at for likeness.
const patience = 10_000

// gap turns removed and added sentences that are alike into changed ones, in order.
func gap(a, b []sentence) []Op {
	var out []Op
	next := 0
	for _, s := range a {
		k := -1
		if len(a)*len(b) <= patience {
			k = slices.IndexFunc(b[next:], func(o sentence) bool { return alike(s.text, o.text) })
		}
		if k < 0 {
			out = append(out, s.removed())
			continue
		}
		for _, o := range b[next : next+k] {
			out = append(out, o.added())
		}
		o := b[next+k]
		out = append(out, Op{Kind: Changed, Old: s.text, New: o.text, Pieces: Words(s.text, o.text), Break: o.last})
		next += k + 1
	}
	for _, o := range b[next:] {
		out = append(out, o.added())
	}
	return out
}

// alike reports whether two sentences share at least half of their pairs of neighbouring characters.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	pairs := map[[2]rune]int{}
	n := each(a, func(p [2]rune) { pairs[p]++ })
	shared := 0
	m := each(b, func(p [2]rune) {
		if pairs[p] > 0 {
			pairs[p]--
			shared++
		}
	})
	return n+m > 0 && 4*shared >= n+m
}

// each calls f for every pair of neighbours and returns how many there are.
func each(s string, f func([2]rune)) int {
	n := 0
	var before rune
	for _, r := range s {
		if before != 0 {
			f([2]rune{before, r})
			n++
		}
		before = r
	}
	return n
}
