// Package index finds library terms by their text, sound and category, and items by their words. It is derived data: what
// is in it can be made again at any time from where it came.
package index

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// layout is the version of the mapping. An index of another layout is thrown away and made anew.
const layout = "2"

var layoutKey = []byte("layout")

// ErrNoKeys says that a search was asked for nobody.
var ErrNoKeys = errors.New("search without an audience")

// Index holds items. It is safe for concurrent use.
type Index struct {
	b bleve.Index
}

// Open opens the item index in a folder. Where it is missing, broken or of another layout it is made empty, and fresh says
// that everything must be put into it again.
func Open(dir string) (x *Index, fresh bool, err error) {
	b, fresh, err := open(filepath.Join(dir, "items"), itemMapping())
	if err != nil {
		return nil, false, err
	}
	return &Index{b}, fresh, nil
}

func open(dir string, doc *mapping.DocumentMapping) (b bleve.Index, fresh bool, err error) {
	if b, err = bleve.Open(dir); err == nil {
		if v, err := b.GetInternal(layoutKey); err == nil && string(v) == layout {
			return b, false, nil
		}
		if err := b.Close(); err != nil {
			return nil, false, fmt.Errorf("close old index %s: %w", dir, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, false, fmt.Errorf("remove old index: %w", err)
	}
	m, err := newMapping(doc)
	if err != nil {
		return nil, false, err
	}
	if b, err = bleve.New(dir, m); err != nil {
		return nil, false, fmt.Errorf("make index %s: %w", dir, err)
	}
	if err := b.SetInternal(layoutKey, []byte(layout)); err != nil {
		return nil, false, errors.Join(fmt.Errorf("mark index %s: %w", dir, err), b.Close())
	}
	return b, true, nil
}

// Close ends the index.
func (x *Index) Close() error { return x.b.Close() }

// han is the analyser of Chinese text: single characters and pairs, without width and case.
const han = "han"

// newMapping returns a mapping with that analyser and one kind of document.
func newMapping(doc *mapping.DocumentMapping) (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	pairs := map[string]any{"type": cjk.BigramName, "output_unigram": true}
	if err := m.AddCustomTokenFilter("pairs", pairs); err != nil {
		return nil, fmt.Errorf("token filter: %w", err)
	}
	err := m.AddCustomAnalyzer(han, map[string]any{
		"type": custom.Name, "tokenizer": unicode.Name, "token_filters": []string{cjk.WidthName, lowercase.Name, "pairs"},
	})
	if err != nil {
		return nil, fmt.Errorf("analyser: %w", err)
	}
	m.DefaultMapping, m.DefaultAnalyzer = doc, han
	return m, nil
}

// Item is what is searched of an item. Keys are its audience ("unit:a", "role:reviewer"): only who holds one of them finds
// the item; without keys nobody does.
type Item struct {
	ID     string
	Fields map[string]string // title, body, number …
	Keys   []string
	Match  string // what the matcher reads besides the fields: hidden parts, attributes
}

// itemMapping has the fields under "text", analysed for Chinese, and the keys as they are. Whole texts are kept for
// highlights.
func itemMapping() *mapping.DocumentMapping {
	text := bleve.NewTextFieldMapping()
	text.Analyzer = han
	fields := bleve.NewDocumentMapping()
	fields.DefaultAnalyzer = han
	fields.Dynamic = true
	key := bleve.NewTextFieldMapping()
	key.Analyzer, key.Store, key.IncludeInAll, key.IncludeTermVectors = keyword.Name, false, false, false
	doc := bleve.NewDocumentStaticMapping()
	doc.AddSubDocumentMapping("text", fields)
	doc.AddFieldMappingsAt("keys", key)
	chars := bleve.NewTextFieldMapping()
	chars.Analyzer, chars.Store, chars.IncludeInAll, chars.IncludeTermVectors, chars.DocValues = keyword.Name, false, false, false, false
	chars.SkipFreqNorm = true
	doc.AddFieldMappingsAt("chars", chars)
	return doc
}

// Put enters an item, or replaces it.
func (x *Index) Put(it Item) error { return x.PutAll([]Item{it}) }

// PutAll enters many items at once, which is much quicker.
func (x *Index) PutAll(items []Item) error {
	b := x.b.NewBatch()
	for _, it := range items {
		texts := slices.Collect(maps.Values(it.Fields))
		doc := map[string]any{"text": it.Fields, "keys": it.Keys, "chars": characters(append(texts, it.Match)...)}
		if err := b.Index(it.ID, doc); err != nil {
			return fmt.Errorf("index item %s: %w", it.ID, err)
		}
	}
	if err := x.b.Batch(b); err != nil {
		return fmt.Errorf("index %d items: %w", len(items), err)
	}
	return nil
}

// Delete takes an item out; one that is not there is no error.
func (x *Index) Delete(id string) error {
	if err := x.b.Delete(id); err != nil {
		return fmt.Errorf("index: delete item %s: %w", id, err)
	}
	return nil
}

// Count returns how many items there are.
func (x *Index) Count() (uint64, error) { return x.b.DocCount() }

// Hit is an item found, with pieces of its fields in which <mark> stands around the words; everything else is escaped.
type Hit struct {
	ID         string
	Score      float64
	Highlights map[string][]string
}

// Search returns the items with all words of text that holders of one of keys may see, the best first. The audience is
// part of the query: others are neither found nor counted. No keys: ErrNoKeys.
func (x *Index) Search(ctx context.Context, text string, keys []string, limit int) ([]Hit, error) {
	audience, err := anyKey(keys)
	if err != nil {
		return nil, err
	}
	words := bleve.NewMatchQuery(text)
	words.SetOperator(query.MatchQueryOperatorAnd)
	req := bleve.NewSearchRequestOptions(bleve.NewConjunctionQuery(words, audience), limit, 0, false)
	req.Highlight = bleve.NewHighlightWithStyle("html")
	res, err := x.b.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("search items: %w", err)
	}
	hits := make([]Hit, 0, len(res.Hits))
	for _, h := range res.Hits {
		hit := Hit{ID: h.ID, Score: h.Score, Highlights: map[string][]string{}}
		for field, pieces := range h.Fragments {
			if name, ok := cutField(field); ok {
				for i, p := range pieces { // characters side by side are marked one by one or together, as it happens
					pieces[i] = strings.ReplaceAll(p, "</mark><mark>", "")
				}
				hit.Highlights[name] = pieces
			}
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

func cutField(field string) (string, bool) {
	const prefix = "text."
	if len(field) <= len(prefix) || field[:len(prefix)] != prefix {
		return "", false
	}
	return field[len(prefix):], true
}

// anyKey returns a query for the holders of one of keys.
func anyKey(keys []string) (query.Query, error) {
	if len(keys) == 0 {
		return nil, ErrNoKeys
	}
	either := bleve.NewDisjunctionQuery()
	for _, k := range keys {
		q := bleve.NewTermQuery(k)
		q.SetField("keys")
		q.SetBoost(0)
		either.AddQuery(q)
	}
	return either, nil
}
