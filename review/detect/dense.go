package detect

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// dense is a text without white space and in lower case, width folded; at leads back.
type dense struct {
	text string
	r    []rune
	at   []int32
}

var densePool = sync.Pool{New: func() any { return new(dense) }}

// newDense returns the dense form of text, to be given back with free.
func newDense(text string) *dense {
	d := densePool.Get().(*dense) //nolint:forcetypeassert // the pool holds nothing else
	d.text, d.r, d.at = text, roomFor(d.r, len(text)), roomFor(d.at, len(text))
	n := int32(0)
	for _, r := range text {
		if r >= 0x80 || r <= ' ' || r >= 'A' && r <= 'Z' {
			r = thin(r)
		}
		if r != ' ' {
			d.r, d.at = append(d.r, r), append(d.at, n)
		}
		n++
	}
	d.at = append(d.at, n)
	return d
}

// thin folds a rune of a dense text; a blank says to leave it out.
func thin(r rune) rune {
	r = foldRune(r)
	if r == '\t' || isBreak(r) {
		return ' '
	}
	if r < 0x250 {
		return unicode.ToLower(r)
	}
	return r
}

// roomFor empties a slice and gives it room for the runes of a text of size bytes, most of them Chinese.
func roomFor[T any](s []T, size int) []T {
	if cap(s) > size/3 {
		return s[:0]
	}
	return make([]T, 0, size/2+16)
}

// free gives d back. Nothing of it may be used any more.
func (d *dense) free() {
	d.text = ""
	densePool.Put(d)
}

// span leads [from, to) back to the text it was made of.
func (d *dense) span(from, to int) (int, int) { return int(d.at[from]), int(d.at[to-1]) + 1 }

// words returns the runes [from, to) of the text that d was made of.
func (d *dense) words(from, to int) string { return cut(d.text, from, to) }

// cut returns the runes [from, to) of s.
func cut(s string, from, to int) string {
	a := after(s, from)
	return s[a : a+after(s[a:], to-from)]
}

// after returns the byte behind the first n runes of s.
func after(s string, n int) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return i
}

// sentences returns where the sentences of d end.
func (d *dense) sentences() []int {
	var ends []int
	last := 0
	for i, r := range d.r {
		if r == '。' || r == ';' || r == '!' || r == '?' || i-last > 300 {
			ends = append(ends, i+1)
			last = i + 1
		}
	}
	return append(ends, len(d.r))
}
