package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// recalling are those whose task a recall is.
var recalling = []workflow.Role{workflow.Publisher, workflow.Leader, workflow.Chief}

// Recalls lists public items in which a later check found something, and what the last checks looked at.
type Recalls struct {
	Frame
	List
	Retros []Checked
}

func (p *Pages) recalls(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "发布后复查"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	q := workflow.Query{Box: workflow.Todo, States: []workflow.State{workflow.Published}, After: c.QueryParam("after"), Limit: 50}
	rows, next, err := p.Desk.List(ctx, c.Actor, q)
	if err != nil {
		return err
	}
	rs, err := p.Desk.Retros(ctx, c.Actor, 5)
	if err != nil {
		return err
	}
	d := Recalls{Frame: f, Retros: l.retros(rs)}
	d.Rows = l.list(rows, true)
	if next != "" {
		d.Next = asking("/recalls", "after", next)
	}
	return p.show(c, http.StatusOK, "recalls", d)
}
