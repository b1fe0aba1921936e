// Package extract takes the text to match out of parts and files, with the way back to where it stood.
//
// Every rune of a Segment.Text stands for the source runes from its own offset up to the next one's: a span [a, b) of the
// text is the source span [Offsets[a], Offsets[b]). Markup inside a word is kept as one zero width space, the border of a
// block as a line feed, that of a table cell as a tab.
package extract

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"qingyang/review"
)

// Part returns the segments of one text of a document: the visible text first, for html then what is hidden, comments,
// and the attributes alt, title, content, value and href.
func Part(p review.Part) ([]review.Segment, error) {
	switch p.Format {
	case "", "text":
		return []review.Segment{textSegment(p.Name, p.Text)}, nil
	case "html":
		return htmlSegments(p.Name, p.Text), nil
	}
	return nil, fmt.Errorf("part %s: unknown format %q", p.Name, p.Format)
}

// textSegment returns a text with the entities of html in it decoded, where they are written out in full (&#21338;): text
// copied from a page's source has them. Without any it is its own source.
func textSegment(part, text string) review.Segment {
	seg := plain(part, "", text)
	if !strings.Contains(text, "&") || !strings.Contains(text, ";") {
		return seg
	}
	s, b, off, decoded := seg.Text, builder{part: part}, 0, false
	for len(s) > 0 {
		if word, n := entity(s); s[n-1] == ';' && word != ";" {
			n, off = b.entity(s, off)
			s, decoded = s[n:], true
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		b.put(r, off)
		s, off = s[n:], off+1
	}
	if !decoded {
		return seg
	}
	return b.segment(off)
}
