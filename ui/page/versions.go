package page

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Versions is the history of the house's library, with how often its terms are found and what was checked again.
type Versions struct {
	Frame
	List   []Version
	Next   string
	Hits   []Hits
	Retros []Checked
	Export bool
}

// Version is one version in words.
type Version struct {
	N                                int64
	At, By, Approver, Reason, SHA256 string
	Terms, Count                     int
	Changes                          []Changed
	More                             int
}

// Hits is how often a term was found.
type Hits struct {
	Term, Library                   string
	Found, Items, Accepted, Changed int
}

// Checked is how far a retro-scan has come.
type Checked struct {
	Name, Started, State, Tone string
	Done, Total, Hits          int
}

// Difference is what lies between two versions.
type Difference struct {
	Frame
	From, To int64
	List     []Version
}

const shownChanges = 500 // of one version

func (p *Pages) versions(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "词库版本"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	before, err := c.QueryNumber("before", 0)
	if err != nil {
		return err
	}
	vs, err := p.Desk.History(ctx, c.Actor, before, few)
	if err != nil {
		return err
	}
	hits, err := p.Desk.Hits(ctx, c.Actor, few)
	if err != nil {
		return err
	}
	rs, err := p.Desk.Retros(ctx, c.Actor, 10)
	if err != nil {
		return err
	}
	d := Versions{Frame: f, Export: !c.Actor.Has(workflow.Publisher, ""), Retros: l.retros(rs)}
	for _, v := range vs {
		d.List = append(d.List, l.version(v))
	}
	if len(vs) == few {
		d.Next = asking("/terms/versions", "before", itoa(vs[few-1].Version))
	}
	for _, h := range hits {
		d.Hits = append(d.Hits, Hits{h.Term, h.Library, h.Found, h.Items, h.Accepted, h.Changed})
	}
	return p.show(c, http.StatusOK, "versions", d)
}

func (l *lens) version(v workflow.LibraryVersion) Version {
	d := Version{
		N: v.Version, At: l.when(v.At), By: v.ByName, Approver: v.Approver, Reason: v.Reason, SHA256: v.SHA256, Terms: v.Terms, Count: v.Count,
		More: max(0, len(v.Changes)-shownChanges),
	}
	for _, c := range v.Changes[:min(len(v.Changes), shownChanges)] {
		d.Changes = append(d.Changes, l.changed(c))
	}
	return d
}

func (l *lens) retros(rs []workflow.Retro) []Checked {
	var out []Checked
	for _, r := range rs {
		d := Checked{Started: l.when(r.Started), Done: r.Done, Total: r.Total, Hits: r.Hits, State: l.t("进行中"), Tone: "warn", Name: l.t("版本 {0} 的更改", r.Version)}
		if r.Full {
			d.Name = l.t("夜间全面复查")
		}
		if r.Finished {
			d.State, d.Tone = l.t("已完成"), "good"
		}
		out = append(out, d)
	}
	return out
}

func (p *Pages) difference(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "词库版本的差异"))
	if err != nil {
		return err
	}
	to, err := strconv.ParseInt(c.Param("version"), 10, 64)
	if err != nil || to < 1 {
		return workflow.ErrMissing
	}
	from, err := c.QueryNumber("from", to-1)
	if err != nil {
		return err
	}
	vs, err := p.Desk.Difference(c.Request().Context(), c.Actor, from, to)
	if err != nil || len(vs) == 0 {
		return orMissing(err)
	}
	d := Difference{Frame: f, From: from, To: to}
	for _, v := range vs {
		d.List = append(d.List, l.version(v))
	}
	return p.show(c, http.StatusOK, "difference", d)
}

func orMissing(err error) error {
	if err == nil {
		return workflow.ErrMissing
	}
	return err
}

// exportTerms writes the house's library in the form that an import takes.
func (p *Pages) exportTerms(c *gate.Call) error {
	house, err := p.Desk.Export(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="terms.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return err
	}
	w := csv.NewWriter(c.Response())
	rows := [][]string{{"kind", "text", "category", "level", "auto_return", "confirmed", "fuzzy", "basis", "why", "suggest", "from", "until"}}
	for _, t := range house.Terms() {
		row := []string{"term", t.Text, t.Category, string(t.Level), strconv.FormatBool(t.AutoReturn), strconv.FormatBool(t.Confirmed)}
		rows = append(rows, append(row, strings.Join(t.Fuzzy, " "), t.Basis, t.Why, t.Suggest, dayOf(t.From), dayOf(t.Until)))
	}
	for _, a := range house.Allows() {
		rows = append(rows, []string{"allow", a, "", "", "", "", "", "", "", "", "", ""})
	}
	for _, r := range rows {
		for i := range r {
			r[i] = inert(r[i])
		}
	}
	return w.WriteAll(rows)
}
