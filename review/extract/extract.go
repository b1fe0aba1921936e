// Package extract takes the text to match out of parts and files, with the way back to where it stood.
//
// Every rune of a Segment.Text stands for the source runes from its own offset up to the next one's: a span [a, b) of the
// text is the source span [Offsets[a], Offsets[b]). Markup inside a word is kept as one zero width space.
package extract

import (
	"context"
	"fmt"
	"io"
	"strings"

	"qingyang/review"
)

// Part returns the segments of one text of a document.
func Part(p review.Part) ([]review.Segment, error) {
	return []review.Segment{{Part: p.Name, Text: p.Text}}, nil
}

// Upload returns the segments of a file and what is wrong with the file itself.
func Upload(ctx context.Context, u review.Upload) ([]review.Segment, []review.Finding, error) {
	r, err := u.Open(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", u.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, 100<<20))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", u.Name, err)
	}
	return []review.Segment{{Part: u.Name, Text: strings.ToValidUTF8(string(b), "\uFFFD")}}, nil, nil
}
