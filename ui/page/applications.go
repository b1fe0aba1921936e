package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Applications is the page of 授权申请: what waits, what was decided, and a form for one more.
type Applications struct {
	Frame
	Waiting, Decided []Motioned
	Next             string
	Overseen         bool // all of them are shown, not only the person's own
	MayThaw          bool
	Form             ApplyForm
}

// ApplyForm is an application as it was typed. Channels are for the one role that is bound to channels, units for the three
// that are bound to units.
type ApplyForm struct {
	For, Paper, Reason string
	Ops, Roles         []Option
	Units, Channels    []Option
	Mine, Others       bool // for oneself alone, or for others too
	CSRF               string
}

// applyFields are the fields of an application.
var applyFields = []string{"op", "for", "role", "unit", "channel+", "paper", "reason"}

func (p *Pages) applications(c *gate.Call) error {
	v := url.Values{"for": {c.QueryParam("for")}, "op": {c.QueryParam("op")}}
	return p.applicationsPage(c, http.StatusOK, v, nil)
}

func (p *Pages) applicationsPage(c *gate.Call, status int, typed url.Values, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "授权申请"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	d := Applications{Frame: f, Overseen: anyRole(c.Actor, workflow.Wardens), Form: l.applyForm(typed, f.CSRF)}
	waiting, decided, next, err := p.motions(c, workflow.RoleMotion, func(m workflow.Motion) Motioned { return l.application(m, f.CSRF) })
	if err != nil {
		return err
	}
	d.Waiting, d.Decided = waiting, decided
	if next > 0 {
		d.Next = asking("/admin/applications", "before", itoa(next))
	}
	return p.show(c, status, "applications", d)
}

// application puts one in words. Who decides sees the person's keys where they are what is to be confirmed.
func (l *lens) application(m workflow.Motion, csrf string) Motioned {
	d, r := l.motioned(m, "/admin/applications", csrf), m.Role
	d.Paper = r.Paper
	d.Title = l.t("{0}：{1}（{2}，{3}）", l.RoleOp(r.Op), r.ForName, r.For, l.unit(r.ForUnit))
	if r.Op != workflow.Thaw {
		d.Deltas = []Delta{{l.t("角色"), l.grants(r.Held), l.grants(r.After(r.Held))}}
		return d
	}
	d.Deltas = []Delta{{l.t("恢复的角色"), "", l.grants(r.Held)}}
	if anyRole(l.a, workflow.Wardens) {
		d.Deltas = append(d.Deltas, l.keys(r.ForKeys)...)
	}
	return d
}

// keys are the employee numbers and directory ids that a frozen person held, in their order: the last is the new one.
func (l *lens) keys(keys []string) (out []Delta) {
	for _, k := range []struct{ prefix, label string }{{"emp:", "工号"}, {"id:", "目录标识"}} {
		var held []string
		for _, x := range keys {
			if s, ok := strings.CutPrefix(x, k.prefix); ok {
				held = append(held, s)
			}
		}
		if n := len(held); n > 0 {
			out = append(out, Delta{l.t(k.label), strings.Join(held[:n-1], l.t("、")), held[n-1]})
		}
	}
	return out
}

func (l *lens) applyForm(v url.Values, csrf string) ApplyForm {
	f := ApplyForm{For: v.Get("for"), Paper: v.Get("paper"), Reason: v.Get("reason"), Others: anyRole(l.a, workflow.Applicants), CSRF: csrf}
	if f.For == "" && !f.Others {
		f.For = l.a.ID
	}
	for _, o := range workflow.RoleOps {
		if o != workflow.Thaw || anyRole(l.a, workflow.Deciders) {
			f.Ops = append(f.Ops, Option{string(o), l.RoleOp(o), string(o) == v.Get("op")})
		}
	}
	for _, r := range workflow.Grantable {
		f.Roles = append(f.Roles, Option{string(r), l.Role(r), string(r) == v.Get("role")})
	}
	for _, u := range l.setup.Units {
		f.Units = append(f.Units, Option{u.ID, l.either(u.Name, u.NameEn), u.ID == v.Get("unit")})
	}
	for _, ch := range l.setup.Channels {
		f.Channels = append(f.Channels, Option{ch.ID, l.channelName(ch), slices.Contains(v["channel"], ch.ID)})
	}
	return f
}

// typedRole reads an application. A role without its scope is one that the Desk refuses with the reason.
func typedRole(v url.Values) workflow.RoleChange {
	x := workflow.RoleChange{Op: workflow.RoleOp(v.Get("op")), For: v.Get("for"), Paper: v.Get("paper")}
	role := workflow.Role(v.Get("role"))
	if role == "" {
		return x
	}
	scopes := []string{""}
	switch bound, _ := workflow.Bound(role); bound {
	case workflow.UnitBound:
		scopes = []string{v.Get("unit")}
	case workflow.ChannelBound:
		if len(v["channel"]) > 0 {
			scopes = v["channel"]
		}
	}
	for _, s := range scopes {
		x.Grants = append(x.Grants, workflow.Grant{Role: role, Scope: s})
	}
	return x
}

func (p *Pages) apply(c *gate.Call) error {
	v, err := c.Form(applyFields...)
	if err != nil {
		return err
	}
	_, err = p.Desk.Apply(c.Request().Context(), c.Actor, typedRole(v), v.Get("reason"))
	return answered(c, err, "/admin/applications?ok=applied", func(status int, n *Note) error { return p.applicationsPage(c, status, v, n) })
}

func (p *Pages) decideApplication(c *gate.Call) error {
	decide := func(id int64, approve bool, answer string) error {
		_, err := p.Desk.DecideRole(c.Request().Context(), c.Actor, id, approve, answer)
		return err
	}
	return p.decideMotion(c, "/admin/applications", decide, func(status int, n *Note) error {
		return p.applicationsPage(c, status, nil, n)
	})
}
