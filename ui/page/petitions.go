package page

import (
	"context"
	"fmt"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Admin is what a security administrator sees first: what waits for a decision, and whom the house lacks.
type Admin struct {
	Petitions []Link
	Lacks     []string
}

func (p *Pages) administers(ctx context.Context, l *lens) (*Admin, error) {
	d := &Admin{}
	for _, kind := range []workflow.MotionKind{workflow.RoleMotion, workflow.HouseMotion} {
		ms, err := p.Desk.Motions(ctx, l.a, workflow.MotionQuery{Kind: kind, State: workflow.Proposed, Limit: gate.MaxPage})
		if err != nil {
			return nil, err
		}
		for _, m := range ms {
			d.Petitions = append(d.Petitions, l.petition(m))
		}
	}
	ps, err := p.Desk.Proposals(ctx, l.a, workflow.Proposed, 0, gate.MaxPage)
	if err != nil {
		return nil, err
	}
	for _, x := range ps {
		text := l.t("词库更改：{0} 处", x.Count) + " — " + x.ByName + " " + l.when(x.At)
		d.Petitions = append(d.Petitions, Link{Href: fmt.Sprint("/terms/proposals#p", x.ID), Text: text})
	}
	lacks, err := p.Desk.Lacks(ctx, l.a)
	for _, x := range lacks {
		d.Lacks = append(d.Lacks, l.lack(x))
	}
	return d, err
}

// petition is a motion of either kind in one line that leads to it.
func (l *lens) petition(m workflow.Motion) Link {
	x := l.houseOrRole(m)
	home := strings.TrimSuffix(x.Action, "/"+itoa(m.ID))
	return Link{Href: home + "#m" + itoa(m.ID), Text: x.Title + " — " + x.By + " " + x.At}
}

func (l *lens) houseOrRole(m workflow.Motion) Motioned {
	if m.Kind == workflow.RoleMotion {
		return l.application(m, "")
	}
	return l.houseMotion(m, "")
}
