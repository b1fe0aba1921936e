// Package extract takes the text to match out of parts and files, with the way back to where it stood.
//
// Every rune of a Segment.Text stands for the source runes from its own offset up to the next one's: a span [a, b) of the
// text is the source span [Offsets[a], Offsets[b]). Markup inside a word is kept as one zero width space, the border of a
// block as a line feed, that of a table cell as a tab.
package extract

import (
	"fmt"

	"qingyang/review"
)

// Part returns the segments of one text of a document: the visible text first, for html then what is hidden, comments,
// and the attributes alt, title, content, value and href.
func Part(p review.Part) ([]review.Segment, error) {
	switch p.Format {
	case "", "text":
		return []review.Segment{plain(p.Name, "", p.Text)}, nil
	case "html":
		return htmlSegments(p.Name, p.Text), nil
	}
	return nil, fmt.Errorf("part %s: unknown format %q", p.Name, p.Format)
}
