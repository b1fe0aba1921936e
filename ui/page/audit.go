package page

import (
	"net/http"
	"slices"

	"qingyang/ui/gate"
)

// Audit is the log, as the auditor reads it: records without text of items.
type Audit struct {
	Frame
	Entries []Entry
	Newest  string // position and time of the newest record on the page
	After   int64
	Next    string
	Back    bool
}

const auditPage = 100

func (p *Pages) audit(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "审计日志"))
	if err != nil {
		return err
	}
	after, err := c.QueryNumber("after", -1)
	if err != nil {
		return err
	}
	es, err := p.Desk.Audit(c.Request().Context(), c.Actor, after, auditPage)
	if err != nil {
		return err
	}
	d := Audit{Frame: f, After: after, Back: after >= 0}
	for _, e := range slices.Backward(es) {
		x := l.entry(e)
		x.Href = ""
		d.Entries = append(d.Entries, x)
	}
	if n := len(es); n > 0 {
		d.Newest = l.t("第 {0} 条 · {1}", es[n-1].Seq, l.exact(es[n-1].At))
		if n == auditPage {
			d.Next = asking("/audit", "after", itoa(es[n-1].Seq))
		}
	}
	return p.show(c, http.StatusOK, "audit", d)
}
