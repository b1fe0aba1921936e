package page

import (
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
		d.Hits = append(d.Hits, Hits{h.Term, l.shelf(h.Library), h.Found, h.Items, h.Accepted, h.Changed})
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
	t := Table{
		Name: "terms", Head: []string{"kind", "text", "category", "level", "auto_return", "confirmed", "fuzzy", "basis", "why", "suggest", "from", "until"},
	}
	for _, x := range house.Terms() {
		row := []string{"term", x.Text, x.Category, string(x.Level), strconv.FormatBool(x.AutoReturn), strconv.FormatBool(x.Confirmed)}
		t.Rows = append(t.Rows, append(row, strings.Join(x.Fuzzy, " "), x.Basis, x.Why, x.Suggest, dayOf(x.From), dayOf(x.Until)))
	}
	for _, a := range house.Allows() {
		t.Rows = append(t.Rows, append([]string{"allow", a}, make([]string, len(t.Head)-2)...))
	}
	return p.export(c, t, "csv")
}
