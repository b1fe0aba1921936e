package compare

import (
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// longest is how many tokens a sentence may have to be compared inside.
const longest = 2000

// Words compares two sentences by characters, with every run of digits as one: a changed date or sum is shown whole. Both
// are shown whole if one of them is longer than 2000 characters.
func Words(old, new string) []Piece {
	c := codec{code: map[string]rune{}, next: first}
	a, b := c.encode(old), c.encode(new)
	if len(a) > longest || len(b) > longest {
		return []Piece{{Removed, old}, {Added, new}}
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0
	var out []Piece
	for _, x := range d.DiffCleanupSemantic(d.DiffMainRunes(a, b, false)) {
		out = append(out, Piece{kinds[x.Type], c.decode(x.Text)})
	}
	return out
}

var kinds = map[diffmatchpatch.Operation]Kind{
	diffmatchpatch.DiffEqual: Same, diffmatchpatch.DiffInsert: Added, diffmatchpatch.DiffDelete: Removed,
}

// codec gives every token a rune of its own. The first is above the surrogates, which strings cannot hold.
type codec struct {
	code   map[string]rune
	tokens []string
	next   rune
}

const first = rune(0x10000)

func (c *codec) encode(s string) []rune {
	var out []rune
	for _, t := range tokens(s) {
		r, ok := c.code[t]
		if !ok {
			r = c.next
			c.next++
			c.code[t] = r
			c.tokens = append(c.tokens, t)
		}
		out = append(out, r)
	}
	return out
}

func (c *codec) decode(s string) string {
	var out []byte
	for _, r := range s {
		out = append(out, c.tokens[r-first]...)
	}
	return string(out)
}

// tokens cuts s into runs of digits and single other characters.
func tokens(s string) []string {
	var out []string
	start, digits := 0, false
	for i, r := range s {
		d := unicode.IsDigit(r)
		if i > start && !(d && digits) {
			out = append(out, s[start:i])
			start = i
		}
		digits = d
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
