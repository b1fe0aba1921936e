package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"qingyang/review"
)

// zeroWidth stands in a text for markup inside a word, so that every rune of the source belongs to a rune of the text.
const zeroWidth = '\u200B'

// builder makes one segment. Runes are put with the source offset where they begin. It must not be copied.
type builder struct {
	part, where string
	text        strings.Builder
	offsets     []int32
	last        rune
}

// grow makes room for size bytes of source.
func (b *builder) grow(size int) {
	b.text.Grow(size)
	b.offsets = slices.Grow(b.offsets, size/2+1)
}

// put appends r, which begins at rune off of the source.
func (b *builder) put(r rune, off int) {
	b.text.WriteRune(r)
	b.offsets = append(b.offsets, int32(off)) //nolint:gosec // sources are limited to 200 MiB
	b.last = r
}

// gap appends a separator for markup that begins at off, unless one of the same or of a stronger kind stands there.
func (b *builder) gap(r rune, off int) {
	if b.last == r || r == zeroWidth && (b.last == '\n' || b.last == '\t') {
		return
	}
	b.put(r, off)
}

// words appends the runes of s, the first at off, and returns the offset behind them.
func (b *builder) words(s string, off int) int {
	if s == "" {
		return off
	}
	b.text.WriteString(s)
	at := b.offsets
	for range s {
		at = append(at, int32(off)) //nolint:gosec // sources are limited to 200 MiB
		off++
	}
	b.offsets = at
	b.last, _ = utf8.DecodeLastRuneInString(s)
	return off
}

// entity appends the first character of s, an entity decoded, and returns the bytes it took and the offset behind it.
func (b *builder) entity(s string, off int) (int, int) {
	text, n := entity(s)
	end := off + utf8.RuneCountInString(s[:n])
	for k, r := range text {
		if k > 0 {
			off = end
		}
		b.put(r, off)
	}
	return n, end
}

// blank says whether nothing but white space was put.
func (b *builder) blank() bool {
	return strings.Trim(b.text.String(), " \t\r\n\f\u00A0\u3000\u200B") == ""
}

// segment closes the builder at the source offset end.
func (b *builder) segment(end int) review.Segment {
	return review.Segment{
		Part: b.part, Where: b.where, Text: b.text.String(),
		Offsets: append(b.offsets, int32(end)), //nolint:gosec // as in put
	}
}

// plain returns the segment of a text that is its own source.
func plain(part, where, text string) review.Segment {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return review.Segment{Part: part, Where: where, Text: text}
}
