package page

import (
	"net/http"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Register is 登记台账.
type Register struct {
	Frame
	Lines []Line
	Next  string
}

// Line is one number of the register. Void numbers stay and are never used again.
type Line struct {
	Number, Href, Title, Unit, At, By, State, Published string
	Void                                                bool
	VoidAt                                              string
}

func (l *lens) line(r workflow.RegisterLine) Line {
	x := Line{
		Number: r.Number, Title: r.Title, Unit: l.unit(r.Unit), At: l.when(r.At), By: r.By, State: l.State(r.State),
		Published: l.when(r.Published), Void: r.Void, VoidAt: l.when(r.VoidAt), Href: itemPath(r.Item),
	}
	if x.Title == "" {
		x.Title = l.t("（已封存）")
	}
	if l.a.Has(workflow.Auditor, "") {
		x.Title, x.Href = l.t("（标题不对审计员显示）"), ""
	}
	return x
}

func (p *Pages) register(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "登记台账"))
	if err != nil {
		return err
	}
	lines, next, err := p.Desk.RegisterBook(c.Request().Context(), c.Actor, c.QueryParam("after"), 100)
	if err != nil {
		return err
	}
	d := Register{Frame: f}
	for _, r := range lines {
		d.Lines = append(d.Lines, l.line(r))
	}
	if next != "" {
		d.Next = asking("/register", "after", next)
	}
	return p.show(c, http.StatusOK, "register", d)
}

// registerFile sends the register, or that of a period, as csv or xlsx.
func (p *Pages) registerFile(format string) func(*gate.Call) error {
	return func(c *gate.Call) error {
		l, err := p.lens(c)
		if err != nil {
			return err
		}
		period, err := periodOf(c, workflow.Period{})
		if err != nil {
			return err
		}
		lines, err := p.Desk.RegisterOf(c.Request().Context(), c.Actor, period)
		if err != nil {
			return err
		}
		if err := p.Desk.Exported(c.Request().Context(), c.Actor, strings.TrimSpace("register "+period.Name)); err != nil {
			return err
		}
		return p.export(c, l.registerTable(lines, period.Name), format)
	}
}

func (l *lens) registerTable(lines []workflow.RegisterLine, period string) Table {
	t := Table{
		Name: strings.TrimSuffix("register-"+period, "-"), Title: strings.TrimSpace(l.houseName() + " " + l.t("登记台账") + " " + period),
		Head:   []string{l.t("登记号"), l.t("标题"), l.t("拟稿单位"), l.t("登记时间"), l.t("登记人"), l.t("状态"), l.t("发布时间"), l.t("作废时间")},
		Widths: []float64{24, 48, 18, 20, 10, 12, 20, 20},
	}
	for _, r := range lines {
		x := l.line(r)
		t.Rows = append(t.Rows, []string{x.Number, x.Title, x.Unit, l.exact(r.At), x.By, x.State, l.exact(r.Published), l.exact(r.VoidAt)})
	}
	return t
}

// periodOf reads the period of the address, a month or a year; other is meant where there is none.
func periodOf(c *gate.Call, other workflow.Period) (workflow.Period, error) {
	s := c.QueryParam("period")
	if s == "" {
		return other, nil
	}
	p, ok := workflow.ParsePeriod(s, zone)
	if !ok {
		return p, gate.Malformed("unknown_value", "period", "2026, 2026-11")
	}
	return p, nil
}
