package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Clocks is the overview 时限: who is waited for, since when, and what is late.
type Clocks struct {
	Frame
	Groups   []ClockGroup
	Expiring []ExpiryRow
	More     bool
}

// ClockGroup is what is late, due today or due later.
type ClockGroup struct {
	ID, Title, Empty string
	Rows             []Row
}

// ExpiryRow is an approval that runs out.
type ExpiryRow struct {
	Row
	Ends string
	Over bool
}

func (p *Pages) clocks(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "时限"))
	if err != nil {
		return err
	}
	cs, err := p.Desk.Clocks(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	d := Clocks{Frame: f, More: cs.More, Groups: []ClockGroup{
		{"late", l.t("已超时"), l.t("没有超时的稿件。"), l.clocks(cs.Late)},
		{"today", l.t("今天到期"), l.t("今天没有到期的稿件。"), l.clocks(cs.Today)},
		{"later", l.t("以后到期"), l.t("没有其他等待办理的稿件。"), l.clocks(cs.Later)},
	}}
	for _, x := range cs.Expiring {
		d.Expiring = append(d.Expiring, ExpiryRow{l.row(x.Row, false), l.when(x.At), x.At.Before(l.now)})
	}
	return p.show(c, http.StatusOK, "clocks", d)
}

func (l *lens) clocks(cs []workflow.Clock) []Row {
	var out []Row
	for _, c := range cs {
		r := l.row(c.Row, false)
		if !c.Known {
			r.Href, r.Verb, r.Title = "", "", l.t("（尚未送到您这一步）")
		}
		out = append(out, r)
	}
	return out
}
