// Package detect finds secrecy markings, links, hidden content, security posture and substituted words.
//
// Spans of findings are rune offsets in Segment.Text, as review.Detector asks.
package detect

import (
	"context"

	"qingyang/review"
)

// Library names the rules in findings.
const Library = "detect/1"

// Func is a detector made of one function. Its only error is ctx's.
type Func func(s review.Segment) []review.Finding

// Detect calls f. It suppresses nothing.
func (f Func) Detect(ctx context.Context, s review.Segment) ([]review.Finding, []review.Suppressed, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return f(s), nil, nil
}
