package main

import (
	"context"
	"strconv"

	"qingyang/seeds/library"
	"qingyang/ui/api"
	"qingyang/workflow"
)

// terms implements api.Terms over the libraries of the program.
type terms struct{}

// Terms returns up to limit terms after the cursor, which is a position.
func (terms) Terms(_ context.Context, after string, limit int) ([]api.Term, string, error) {
	from := 0
	if after != "" {
		n, err := strconv.Atoi(after)
		if err != nil || n < 0 {
			return nil, "", &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "cursor", Field: "after"}}}
		}
		from = n
	}
	libs, err := library.All()
	if err != nil {
		return nil, "", err
	}
	var out []api.Term
	at := 0
	for _, l := range libs {
		for _, t := range l.Terms {
			if at++; at <= from {
				continue
			}
			if len(out) == limit {
				return out, strconv.Itoa(at - 1), nil
			}
			out = append(out, api.Term{
				Library: l.Name, Version: l.Version, Text: t.Text, Category: t.Category, Level: string(t.Level), AutoReturn: t.AutoReturn,
				Basis: t.Basis, Suggest: t.Suggest,
			})
		}
	}
	return out, "", nil
}
