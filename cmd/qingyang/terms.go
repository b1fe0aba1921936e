package main

import (
	"context"
	"strconv"

	"qingyang/ui/api"
	"qingyang/workflow"
)

// terms implements api.Terms over the libraries in force, the house's own last.
type terms struct{ *app }

// Terms returns up to limit terms after the cursor, which is a position.
func (t terms) Terms(_ context.Context, after string, limit int) ([]api.Term, string, error) {
	from := 0
	if after != "" {
		n, err := strconv.Atoi(after)
		if err != nil || n < 0 {
			return nil, "", &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "cursor", Field: "after"}}}
		}
		from = n
	}
	var out []api.Term
	at := 0
	for _, l := range t.lexicon.Libraries() {
		for _, x := range l.Terms {
			if at++; at <= from {
				continue
			}
			if len(out) == limit {
				return out, strconv.Itoa(at - 1), nil
			}
			out = append(out, api.Term{
				Library: l.Name, Version: l.Version, Text: x.Text, Category: x.Category, Level: string(x.Level), AutoReturn: x.AutoReturn,
				Basis: x.Basis, Suggest: x.Suggest,
			})
		}
	}
	return out, "", nil
}
