package index

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"

	"qingyang/review/term"
	"qingyang/review/term/sound"
)

// Terms holds the terms of libraries for those who look after them. It is safe for concurrent use.
type Terms struct {
	b bleve.Index
}

// OpenTerms opens the term index in a folder. Where it is missing, broken or of another layout it is made empty, and fresh
// says that the libraries must be put into it again.
func OpenTerms(dir string) (x *Terms, fresh bool, err error) {
	b, fresh, err := open(filepath.Join(dir, "terms"), termMapping())
	if err != nil {
		return nil, false, err
	}
	return &Terms{b}, fresh, nil
}

// Close ends the index.
func (x *Terms) Close() error { return x.b.Close() }

// Found is a term found: its library and its place in Library.Terms.
type Found struct {
	Library  string
	Index    int
	Text     string
	Category string
}

func termMapping() *mapping.DocumentMapping {
	plain := func(store bool) *mapping.FieldMapping {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll = keyword.Name, store, false
		return f
	}
	text := bleve.NewTextFieldMapping()
	text.Analyzer = han
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt("text", text)
	for name, store := range map[string]bool{"whole": false, "pinyin": false, "initials": false, "category": true, "library": true, "index": true} {
		doc.AddFieldMappingsAt(name, plain(store))
	}
	return doc
}

// Put enters all terms of a library in place of what was there of it.
func (x *Terms) Put(ctx context.Context, lib term.Library) error {
	if err := x.clear(ctx, lib.Name); err != nil {
		return err
	}
	b := x.b.NewBatch()
	for i, t := range lib.Terms {
		full, initials := spell(t.Text)
		doc := map[string]any{
			"text": t.Text, "whole": fold(t.Text), "pinyin": full, "initials": initials, "category": t.Category,
			"library": lib.Name, "index": strconv.Itoa(i),
		}
		if err := b.Index(lib.Name+"/"+strconv.Itoa(i), doc); err != nil {
			return fmt.Errorf("index term %d of %s: %w", i, lib.Name, err)
		}
		if b.Size() >= page {
			if err := x.b.Batch(b); err != nil {
				return fmt.Errorf("index library %s: %w", lib.Name, err)
			}
			b.Reset()
		}
	}
	if err := x.b.Batch(b); err != nil {
		return fmt.Errorf("index library %s: %w", lib.Name, err)
	}
	return nil
}

// clear takes a library out.
func (x *Terms) clear(ctx context.Context, name string) error {
	q := bleve.NewTermQuery(name)
	q.SetField("library")
	for {
		res, err := x.b.SearchInContext(ctx, bleve.NewSearchRequestOptions(q, page, 0, false))
		if err != nil {
			return fmt.Errorf("look for library %s: %w", name, err)
		}
		if len(res.Hits) == 0 {
			return nil
		}
		b := x.b.NewBatch()
		for _, h := range res.Hits {
			b.Delete(h.ID)
		}
		if err := x.b.Batch(b); err != nil {
			return fmt.Errorf("take out library %s: %w", name, err)
		}
	}
}

// Search returns terms by their text or a part of it, their pinyin (dubo), their first letters (lhc) or, with category
// set, of one category only; no text means all. Whole matches come first.
func (x *Terms) Search(ctx context.Context, text, category string, limit int) ([]Found, error) {
	req := bleve.NewSearchRequestOptions(termQuery(text, category), limit, 0, false)
	req.Fields = []string{"library", "index", "text", "category"}
	req.SortBy([]string{"-_score", "_id"})
	res, err := x.b.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("search terms: %w", err)
	}
	out := make([]Found, 0, len(res.Hits))
	for _, h := range res.Hits {
		f := Found{}
		f.Library, _ = h.Fields["library"].(string)
		f.Text, _ = h.Fields["text"].(string)
		f.Category, _ = h.Fields["category"].(string)
		n, _ := h.Fields["index"].(string)
		if f.Index, err = strconv.Atoi(n); err != nil {
			return nil, fmt.Errorf("search terms: place of %s: %w", h.ID, err)
		}
		out = append(out, f)
	}
	return out, nil
}

func termQuery(text, category string) query.Query {
	var all []query.Query
	if category != "" {
		q := bleve.NewTermQuery(category)
		q.SetField("category")
		q.SetBoost(0)
		all = append(all, q)
	}
	if text != "" {
		all = append(all, textQuery(text))
	}
	if len(all) == 0 {
		return bleve.NewMatchAllQuery()
	}
	return bleve.NewConjunctionQuery(all...)
}

// textQuery looks for a text as it is, as a part, as a sound.
func textQuery(text string) query.Query {
	either := bleve.NewDisjunctionQuery()
	letters := fold(text)
	for field, boost := range map[string]float64{"whole": 8, "pinyin": 4, "initials": 4} {
		q := bleve.NewTermQuery(letters)
		q.SetField(field)
		q.SetBoost(boost)
		either.AddQuery(q)
	}
	for _, field := range []string{"whole", "pinyin"} {
		q := bleve.NewPrefixQuery(letters)
		q.SetField(field)
		either.AddQuery(q)
	}
	part := bleve.NewMatchQuery(text)
	part.SetField("text")
	part.SetOperator(query.MatchQueryOperatorAnd)
	either.AddQuery(part)
	return either
}

// spell returns pinyin without blanks, and first letters.
func spell(text string) (full, initials string) {
	f, i := sound.Spell(fold(text))
	return fold(f), i
}
