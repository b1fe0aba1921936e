package page

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Library answers for the term libraries, which the Desk does not hold.
type Library interface {
	// Installed returns every library and the sum of the rules in force, made of all of them.
	Installed(ctx context.Context) (shelf []Shelf, sum string, err error)
	// Search returns up to limit terms by their text or a part of it, pinyin or first letters; category narrows unless empty.
	Search(ctx context.Context, text, category string, limit int) ([]Term, error)
	// Try scans a text by the rules in force and keeps nothing.
	Try(ctx context.Context, text string) (review.Report, error)
}

// Shelf is one library. SHA is the sum of its content.
type Shelf struct {
	Name, Version, SHA string
	Terms, Allow       int
	Categories         []string
}

// Term is one entry of a library.
type Term struct {
	Library, Version, Text, Category string
	Level                            review.Level
	AutoReturn                       bool
	Basis, Why, Suggest              string
}

// Terms is the page of the libraries: what is installed, what was searched for, and a text tried against the rules.
type Terms struct {
	Frame
	Shelves    []Shelf
	Sum        string
	Query      string
	Categories []Option
	Searched   bool
	Found      []TermRow
	More       bool
	Text       string
	Tried      *Tried
	MayPropose bool
}

// TermRow is a term found, in words.
type TermRow struct {
	Text, Category, Level, Tone, Library, Basis, Suggest string
	Change                                               string // where its change begins
	AutoReturn                                           bool
}

// Tried is the outcome of a text: what counts, and what looked like it and does not, with the cause.
type Tried struct {
	Findings   []Finding
	Suppressed []Spared
}

// Spared is a hit that does not count.
type Spared struct{ Text, Rule, Cause string }

// librarians may read the libraries.
var librarians = []workflow.Role{workflow.Reviewer, workflow.SecurityAdmin, workflow.Auditor}

const (
	termLimit = 100
	tryLimit  = 20_000 // characters of a text that is tried
)

func (p *Pages) terms(c *gate.Call) error { return p.termsPage(c, http.StatusOK, "", nil, nil) }

// tryText scans what was typed and shows it with the outcome; nothing is kept.
func (p *Pages) tryText(c *gate.Call) error {
	f, err := c.Form("text")
	if err != nil {
		return err
	}
	text := f.Get("text")
	switch n := len([]rune(text)); {
	case strings.TrimSpace(text) == "":
		return p.termsPage(c, http.StatusUnprocessableEntity, text, nil, &Note{Kind: "bad", Number: c.Number, Text: tr(c.Words, "请先写一段要试的文字。")})
	case n > tryLimit:
		n := &Note{Kind: "bad", Number: c.Number, Text: tr(c.Words, "最多试 {0} 字，您写了 {1} 字。", tryLimit, n)}
		return p.termsPage(c, http.StatusUnprocessableEntity, text, nil, n)
	}
	r, err := p.Library.Try(c.Request().Context(), text)
	if err != nil {
		return err
	}
	return p.termsPage(c, http.StatusOK, text, &r, nil)
}

func (p *Pages) termsPage(c *gate.Call, status int, text string, r *review.Report, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "词库"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	d := Terms{Frame: f, Text: text, Query: strings.TrimSpace(c.QueryParam("q")), MayPropose: anyRole(c.Actor, workflow.Keepers)}
	ctx := c.Request().Context()
	if d.Shelves, d.Sum, err = p.Library.Installed(ctx); err != nil {
		return err
	}
	category := c.QueryParam("category")
	kinds := categories(d.Shelves)
	d.Shelves = slices.Clone(d.Shelves)
	for i := range d.Shelves {
		d.Shelves[i].Name = l.shelf(d.Shelves[i].Name)
	}
	for _, k := range kinds {
		d.Categories = append(d.Categories, Option{k, l.category(k), k == category})
	}
	if d.Searched = d.Query != "" || category != ""; d.Searched {
		found, err := p.Library.Search(ctx, d.Query, category, termLimit+1)
		if err != nil {
			return err
		}
		d.More = len(found) > termLimit
		d.Found = l.termRows(found[:min(len(found), termLimit)])
	}
	if r != nil {
		d.Tried = l.tried(*r)
	}
	return p.show(c, status, "terms", d)
}

func categories(shelves []Shelf) []string {
	var out []string
	for _, s := range shelves {
		out = append(out, s.Categories...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *lens) termRows(ts []Term) []TermRow {
	tones := map[review.Level]string{review.Block: "bad", review.Ask: "warn"}
	var out []TermRow
	for _, t := range ts {
		out = append(out, TermRow{
			t.Text, l.category(t.Category), l.Level(string(t.Level)), tones[t.Level], l.shelf(t.Library) + " " + t.Version, l.Said(t.Basis), l.Said(t.Suggest),
			asking("/terms/proposals", "text", t.Text) + "#change", t.AutoReturn,
		})
	}
	return out
}

func (l *lens) tried(r review.Report) *Tried {
	d := &Tried{}
	for i, f := range r.Findings {
		x := l.checked(i+1, f)
		x.Rule = l.rule(f)
		d.Findings = append(d.Findings, x)
	}
	for _, s := range r.Suppressed {
		d.Suppressed = append(d.Suppressed, Spared{s.Text, l.rule(s.Finding), l.cause(s.Cause)})
	}
	return d
}

// categoryNames are the types of terms in words.
var categoryNames = map[string]string{
	"gambling": "赌博", "loan": "网贷", "adult": "色情", "fraud": "诈骗", "spam": "垃圾推广", "residue": "篡改残留", "error": "用语差错",
	"political": "政治安全", "separatism": "分裂", "ethnic": "民族宗教", "rumour": "谣言", "violence": "暴力恐怖", "insult": "侮辱诽谤",
	"reputation": "名誉", "extreme": "绝对化用语", "law": "违法内容", "person": "人物称谓", "other": "其他",
}

func (l *lens) category(id string) string {
	if zh, ok := categoryNames[id]; ok {
		return l.t(zh)
	}
	return id
}

// kinds are the types of terms to choose from; one that a house made up itself stays.
func (l *lens) kinds(chosen string) []Option {
	var out []Option
	ids := slices.Sorted(maps.Keys(categoryNames))
	if chosen != "" && !slices.Contains(ids, chosen) {
		ids = append(ids, chosen)
	}
	for _, id := range ids {
		out = append(out, Option{id, l.category(id), id == chosen})
	}
	return out
}

// shelfNames are the libraries in words.
var shelfNames = map[string]string{
	"article66": "信息发布禁止内容", "common": "通用放行短语", "errors": "公文常见差错", "gambling": "赌博与线路推广", "spam": "网贷与垃圾推广",
	"house": "本中心词库",
}

func (l *lens) shelf(id string) string {
	if zh, ok := shelfNames[id]; ok {
		return l.t(zh)
	}
	return id
}

// causes say in words why a hit does not count.
var causes = map[string]string{
	"allow": "在放行短语之内", "boundary": "是更长的数字或单词的一部分", "cover": "跨在两个常用词之间", "script": "单词属于另一种文字",
	"counter": "是数量或编号",
}

func (l *lens) cause(id string) string {
	if zh, ok := causes[id]; ok {
		return l.t(zh)
	}
	return id
}
