package page

import (
	"net/http"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// People is the list of everybody with what they may do, for 备案 too, and of whom the house lacks.
type People struct {
	Frame
	Rows     []PersonRow
	Odd      bool // only those who are not as they should be
	Total    int
	Abnormal int
	Lacks    []string
	MayApply bool
	At       string
}

// PersonRow is one person in words. Odd means that something is to be looked at.
type PersonRow struct {
	Name, Account, Unit, Roles, SignedIn, Granted string
	States                                        []Lamp
	Odd                                           bool
	Change, Thaw                                  string // where an application begins
}

func (p *Pages) people(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "人员与授权"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	all, err := p.Desk.People(ctx, c.Actor)
	if err != nil {
		return err
	}
	d := People{Frame: f, Total: len(all), Odd: c.QueryParam("show") == "odd", MayApply: anyRole(c.Actor, workflow.Deciders), At: l.exact(p.Now())}
	for _, r := range l.staff(all) {
		if r.Odd {
			d.Abnormal++
		}
		if r.Odd || !d.Odd {
			d.Rows = append(d.Rows, r)
		}
	}
	lacks, err := p.Desk.Lacks(ctx, c.Actor)
	if err != nil {
		return err
	}
	for _, x := range lacks {
		d.Lacks = append(d.Lacks, l.lack(x))
	}
	return p.show(c, http.StatusOK, "staff", d)
}

func (l *lens) staff(all []workflow.Staff) []PersonRow {
	var out []PersonRow
	for _, s := range all {
		r := PersonRow{
			Name: s.Name, Account: s.ID, Unit: l.unit(s.Unit), Roles: l.grants(s.Grants), SignedIn: l.when(s.SignedIn), Granted: l.when(s.Granted),
			Change: asking("/admin/applications", "for", s.ID) + "#apply",
		}
		add := func(text, tone string) { r.States = append(r.States, Lamp{Name: text, Tone: tone}) }
		if s.Frozen {
			add(l.t("已冻结"), "bad")
			r.Thaw = asking("/admin/applications", "for", s.ID) + "&op=" + string(workflow.Thaw) + "#apply"
		}
		if s.Left {
			add(l.t("目录中已停用"), "bad")
		}
		if s.Dormant {
			add(l.t("长期未用"), "warn")
		}
		if r.Odd = len(r.States) > 0; !r.Odd {
			add(l.t("正常"), "good")
		}
		if s.Unknown {
			add(l.t("目录未应答"), "")
		}
		out = append(out, r)
	}
	return out
}

// lack says in one sentence whom the house is short of and what follows.
func (l *lens) lack(x workflow.Lack) string {
	switch {
	case x.Role != "":
		return l.t("{0}须有 {1} 人，现有 {2} 人。", l.Role(x.Role), x.Need, x.Have)
	case x.Channel != "":
		return l.t("渠道“{0}”没有系统管理员，批准的稿件发不出去。", l.channel(x.Channel))
	}
	var roles []string
	for _, r := range x.Roles {
		roles = append(roles, l.Role(r))
	}
	missing := strings.Join(roles, l.t("、"))
	if x.Class == workflow.Important {
		return l.t("{0}：重要信息须由 {1} 个不同的人办理，现在只够 {2} 个，还缺 {3}。", l.unit(x.Unit), x.Need, x.Have, missing)
	}
	return l.t("{0}：一般信息须由 {1} 个不同的人办理，现在只够 {2} 个，还缺 {3}。", l.unit(x.Unit), x.Need, x.Have, missing)
}

// peopleFile sends the list as csv or xlsx: all, or those that 004 article 37 has filed.
func (p *Pages) peopleFile(format string) func(*gate.Call) error {
	return func(c *gate.Call) error {
		l, err := p.lens(c)
		if err != nil {
			return err
		}
		all, err := p.Desk.People(c.Request().Context(), c.Actor)
		if err != nil {
			return err
		}
		odd := c.QueryParam("show") == "odd"
		what := "people"
		if odd {
			what = "people-odd"
		}
		if err := p.Desk.Exported(c.Request().Context(), c.Actor, what); err != nil {
			return err
		}
		return p.export(c, l.peopleTable(l.staff(all), what, odd), format)
	}
}

func (l *lens) peopleTable(rows []PersonRow, name string, odd bool) Table {
	title := l.t("人员与授权备案表")
	if odd {
		title = l.t("异常和长期未用账号备案表")
	}
	t := Table{
		Name: name, Title: l.houseName() + " " + title + " " + l.exact(l.now),
		Head:   []string{l.t("姓名"), l.t("账号"), l.t("单位"), l.t("角色"), l.t("授权时间"), l.t("最近登录"), l.t("状态")},
		Widths: []float64{12, 14, 28, 48, 18, 18, 20},
	}
	for _, r := range rows {
		if odd && !r.Odd {
			continue
		}
		var states []string
		for _, s := range r.States {
			states = append(states, s.Name)
		}
		t.Rows = append(t.Rows, []string{r.Name, r.Account, r.Unit, r.Roles, r.Granted, r.SignedIn, strings.Join(states, l.t("、"))})
	}
	return t
}
