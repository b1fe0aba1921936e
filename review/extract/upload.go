package extract

import (
	"context"
	"fmt"
	"io"
	"strings"

	"qingyang/review"
)

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
