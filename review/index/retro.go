package index

import (
	"context"
	"fmt"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"qingyang/review/term"
)

// page is how many ids are read at a time.
const page = 1000

// Candidates calls fn with the id of every item that may hold one of the terms, each once, in order. It is a choice for a
// scan to come, not its outcome: it answers for the system, never for a person, and so asks for no keys. Disguised forms
// that share no two characters in a row with the term are not chosen; whoever must have these scans every item.
func (x *Index) Candidates(ctx context.Context, terms []term.Term, fn func(id string) error) error {
	either := bleve.NewDisjunctionQuery()
	for _, t := range terms {
		q := bleve.NewMatchQuery(t.Text)
		q.SetOperator(query.MatchQueryOperatorOr)
		either.AddQuery(q)
	}
	if len(terms) == 0 {
		return nil
	}
	req := bleve.NewSearchRequestOptions(either, page, 0, false)
	req.SortBy([]string{"_id"})
	for {
		res, err := x.b.SearchInContext(ctx, req)
		if err != nil {
			return fmt.Errorf("choose items for a retro-scan: %w", err)
		}
		for _, h := range res.Hits {
			if err := fn(h.ID); err != nil {
				return err
			}
		}
		if len(res.Hits) < page {
			return nil
		}
		req.SearchAfter = []string{res.Hits[len(res.Hits)-1].ID}
	}
}
