package page

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Compared is one part of a comparison.
type Compared struct {
	Name       string
	Paragraphs [][]Piece
}

// Piece is words that stayed, came or went. Kind is same, added or removed.
type Piece struct {
	Kind compare.Kind
	Text string
}

// Diff compares two revisions sentence by sentence.
type Diff struct {
	Frame
	Head
	A, B      int
	As, Bs    []Option
	Line      string
	Sections  []Compared
	Unchanged bool
}

func (p *Pages) diff(c *gate.Call) error {
	v, f, l, err := p.part(c, "版本对照")
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), v.Item.ID
	revs, err := p.Desk.Revisions(ctx, c.Actor, id)
	if err != nil {
		return err
	}
	d := Diff{Frame: f, Head: l.head(v, "diff")}
	d.A, d.B = chosen(c, v)
	for _, r := range revs {
		text := l.t("第 {0} 版 · {1} {2}", r.N, r.ByName, l.when(r.At))
		d.As = append(d.As, Option{strconv.Itoa(r.N), text, r.N == d.A})
		d.Bs = append(d.Bs, Option{strconv.Itoa(r.N), text, r.N == d.B})
	}
	a, err := p.Desk.RevisionOf(ctx, c.Actor, id, d.A)
	if err != nil {
		return err
	}
	b, err := p.Desk.RevisionOf(ctx, c.Actor, id, d.B)
	if err != nil {
		return err
	}
	d.Sections = l.difference(a, b)
	d.Unchanged = !changed(a, b)
	return p.show(c, http.StatusOK, "diff", d)
}

// chosen returns the two revisions to compare: those of the address, else the one last decided on with the present one.
func chosen(c *gate.Call, v *workflow.View) (a, b int) {
	a, b = max(v.Item.Revision-1, 1), v.Item.Revision
	for _, d := range v.Decisions {
		if d.Revision < b {
			a = d.Revision
		}
	}
	if n, err := strconv.Atoi(c.QueryParam("a")); err == nil {
		a = n
	}
	if n, err := strconv.Atoi(c.QueryParam("b")); err == nil {
		b = n
	}
	return a, b
}

func changed(a, b workflow.Revision) bool {
	for _, s := range gate.Difference(a, b) {
		if s.Differs() {
			return true
		}
	}
	return false
}

func (l *lens) difference(a, b workflow.Revision) []Compared {
	var out []Compared
	for _, s := range gate.Difference(a, b) {
		sec := Compared{Name: l.place(s.Part)}
		var para []Piece
		for _, op := range s.Ops {
			para = append(para, l.pieces(op)...)
			if op.Break {
				sec.Paragraphs, para = append(sec.Paragraphs, para), nil
			}
		}
		if len(para) > 0 {
			sec.Paragraphs = append(sec.Paragraphs, para)
		}
		out = append(out, sec)
	}
	return out
}

// stamp is a time as the comparison writes it.
var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// longHash is a sum as the comparison writes it; people need its beginning.
var longHash = regexp.MustCompile(`\b([0-9a-f]{12})[0-9a-f]{52}\b`)

// local writes the times of a window as people do; … is an open end.
func (l *lens) local(s string) string {
	s = longHash.ReplaceAllString(s, "$1…")
	if from, until, ok := strings.Cut(s, " – "); ok && (from == "…" || stamp.MatchString(from)) {
		s = strings.Replace(from, "…", l.t("发布时起"), 1) + " — " + strings.Replace(until, "…", l.t("不限"), 1)
	}
	return stamp.ReplaceAllStringFunc(s, func(x string) string {
		t, err := time.Parse(time.RFC3339, x)
		if err != nil {
			return x
		}
		return l.when(t)
	})
}

func (l *lens) pieces(op compare.Op) []Piece {
	if op.Kind == compare.Changed && strings.Contains(op.Old, " – ") {
		return []Piece{{compare.Removed, l.local(op.Old)}, {compare.Added, l.local(op.New)}}
	}
	switch op.Kind {
	case compare.Same:
		return []Piece{{compare.Same, l.local(op.New)}}
	case compare.Added:
		return []Piece{{compare.Added, l.local(op.New)}}
	case compare.Removed:
		return []Piece{{compare.Removed, l.local(op.Old)}}
	case compare.Changed:
		var out []Piece
		for _, x := range op.Pieces {
			out = append(out, Piece{x.Kind, x.Text})
		}
		return out
	}
	return nil
}
