package index

import (
	"context"
	"fmt"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	folds "qingyang/review/term/fold"
)

const (
	page      = 1000 // how many ids are read at a time
	retroPage = 5000 // the same for a retro-scan: every page asks the whole question again
)

// characters returns every character of the texts once, as the matcher compares it, digits as Arabic ones: what an item must
// have all of to hold a term, whatever stands between them.
func characters(texts ...string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range texts {
		for _, r := range s {
			f := folds.Rune(r)
			if f < 0 {
				continue
			}
			c := string(f)
			if v := folds.Value(r); v >= 0 {
				c = strconv.Itoa(v)
			}
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// Candidates calls fn with the id of every item that has all the characters of one of texts, each once, in order. It is a
// choice for a scan to come, not its outcome: it answers for the system, never for a person, and so asks for no keys. Items
// that hold a text as it is, folded or with separators are all chosen, those that hold only something like it are not:
// whoever must have these scans every item.
func (x *Index) Candidates(ctx context.Context, texts []string, fn func(id string) error) error {
	either := bleve.NewDisjunctionQuery()
	for _, s := range texts {
		if q := having(characters(s)); q != nil {
			either.AddQuery(q)
		}
	}
	if len(either.Disjuncts) == 0 {
		return nil
	}
	req := bleve.NewSearchRequestOptions(either, retroPage, 0, false)
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
		if len(res.Hits) < retroPage {
			return nil
		}
		req.SearchAfter = []string{res.Hits[len(res.Hits)-1].ID}
	}
}

// having asks for all of some characters; nil for none.
func having(chars []string) query.Query {
	if len(chars) == 0 {
		return nil
	}
	all := bleve.NewConjunctionQuery()
	for _, c := range chars {
		q := bleve.NewTermQuery(c)
		q.SetField("chars")
		q.SetBoost(0)
		all.AddQuery(q)
	}
	return all
}
