package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Home is what each role needs first.
type Home struct {
	Frame
	Greeting, Today string
	First           *First
	Sections        []Section
	Templates       []Form
	Screens         []Lamp
	Proof           *Proof
	Admin           *Admin
	Late            string // that items under one's eyes are late
}

// Aside reports whether the home page has its narrow column.
func (h Home) Aside() bool { return len(h.Templates)+len(h.Screens) > 0 }

// First is the one thing to do next.
type First struct {
	Title, Line, Quote, Href, Verb string
	Alarm                          bool
}

// Section is a list on the home page.
type Section struct {
	List
	ID, Title, More, Empty string
	Total                  Tally
}

// Form is a template that a new item can begin with.
type Form struct{ ID, Name, Hint string }

// Lamp is a channel with its state.
type Lamp struct{ ID, Name, State, Tone string }

// wanted are the lists of the home page by role, most urgent first.
var wanted = []struct {
	id, title, empty string
	roles            []workflow.Role
	box              workflow.Box
	states           []workflow.State
	more             string
	silent           bool // not shown while empty
}{
	{
		id: "down", title: "紧急下线，等待确认", roles: []workflow.Role{workflow.Leader, workflow.Chief, workflow.Publisher, workflow.DutyOfficer},
		box: workflow.All, states: []workflow.State{workflow.Suspended}, more: "/items?state=suspended", silent: true,
	},
	{
		id: "recalls", title: "发布后查出问题，等待处置", roles: recalling, box: workflow.Todo, states: []workflow.State{workflow.Published},
		more: "/recalls", silent: true,
	},
	{
		id: "back", title: "退回给您修改的", roles: drafting, box: workflow.Mine, states: []workflow.State{workflow.Returned},
		more: "/inbox", silent: true,
	},
	{
		id: "todo", title: "等您办理", empty: "没有等您办理的稿件。",
		roles: []workflow.Role{
			workflow.UnitHead, workflow.Reviewer, workflow.Countersigner, workflow.Leader, workflow.Chief, workflow.SecrecyOfficer,
		},
		box: workflow.Todo,
		states: []workflow.State{
			workflow.UnitCheck, workflow.SecrecyReview, workflow.Countersign, workflow.LeaderApproval, workflow.ChiefApproval, workflow.Referred, workflow.Sealed,
		},
		more: "/inbox",
	},
	{
		id: "approved", title: "待登记存档", empty: "没有等待登记的稿件。", roles: []workflow.Role{workflow.Publisher},
		box: workflow.Todo, states: []workflow.State{workflow.Approved}, more: "/publish",
	},
	{
		id: "registered", title: "已登记，等待发布", empty: "没有等待发布的稿件。", roles: []workflow.Role{workflow.Publisher},
		box: workflow.Todo, states: []workflow.State{workflow.Registered}, more: "/publish",
	},
	{
		id: "scheduled", title: "定时待发", roles: []workflow.Role{workflow.Publisher},
		box: workflow.Todo, states: []workflow.State{workflow.Scheduled}, more: "/publish", silent: true,
	},
	{
		id: "drafts", title: "草稿", roles: drafting, box: workflow.Drafts, states: []workflow.State{workflow.Draft},
		more: "/inbox/drafts", silent: true,
	},
	{
		id: "mine", title: "办理中的", roles: []workflow.Role{workflow.Drafter}, box: workflow.Mine,
		states: []workflow.State{
			workflow.Scanning, workflow.UnitCheck, workflow.SecrecyReview, workflow.Countersign, workflow.LeaderApproval, workflow.ChiefApproval,
			workflow.Approved, workflow.Registered, workflow.Scheduled,
		},
		more: "/inbox/mine", silent: true,
	},
}

func (p *Pages) home(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "首页"))
	if err != nil {
		return err
	}
	d := Home{Frame: f, Greeting: l.greeting(), Today: l.today()}
	ctx := c.Request().Context()
	if err := p.sections(ctx, l, &d); err != nil {
		return err
	}
	if anyRole(c.Actor, drafting) {
		d.Templates = l.forms()
	}
	if anyRole(c.Actor, watching) {
		if d.Screens, err = p.lamps(ctx, l); err != nil {
			return err
		}
	}
	if err := p.watch(ctx, l, &d); err != nil {
		return err
	}
	if d.Late, err = p.late(ctx, l); err != nil {
		return err
	}
	return p.show(c, http.StatusOK, "home", d)
}

// late says how many items are past their time, to who oversees them: the head of the unit, then its leader, then the chief, so
// that a step which nobody takes does not stay unseen.
func (p *Pages) late(ctx context.Context, l *lens) (string, error) {
	if !anyRole(l.a, workflow.Overseers) {
		return "", nil
	}
	cs, err := p.Desk.Clocks(ctx, l.a)
	if err != nil || len(cs.Late)+len(cs.Expiring) == 0 {
		return "", err
	}
	return l.t("{0} 份超时未办，{1} 份审批即将失效", len(cs.Late), len(cs.Expiring)), nil
}

func (p *Pages) sections(ctx context.Context, l *lens, d *Home) error {
	for _, w := range wanted {
		if !anyRole(l.a, w.roles) {
			continue
		}
		q := workflow.Query{Box: w.box, States: w.states, Limit: 6}
		rows, _, err := p.Desk.List(ctx, l.a, q)
		if err != nil {
			return err
		}
		if len(rows) == 0 && w.silent {
			continue
		}
		s := Section{ID: w.id, Title: l.t(w.title), More: w.more, Empty: l.t(w.empty)}
		if w.id == "recalls" && !slices.ContainsFunc(rows, func(r workflow.Row) bool { return r.Open > 0 }) {
			s.Title = l.t("已发布的稿件有事项等您处置")
		}
		s.Rows = l.list(rows, w.box == workflow.Todo || w.id == "down" && l.acts(w.id))
		q.Most = most
		n, err := p.Desk.Count(ctx, l.a, q)
		if err != nil {
			return err
		}
		s.Total = Tally(n)
		d.Sections = append(d.Sections, s)
		if err := p.lead(ctx, l, d, w.id, rows); err != nil {
			return err
		}
	}
	return nil
}

// lead puts the first item that waits for the person on top of the page.
func (p *Pages) lead(ctx context.Context, l *lens, d *Home, section string, rows []workflow.Row) (err error) {
	if d.First != nil || len(rows) == 0 || !l.acts(section) {
		return nil
	}
	d.First, err = p.first(ctx, l, section, rows[0])
	return err
}

// acts reports whether the first item of a list is the person's to act on: they wait for a takedown unless they lead.
func (l *lens) acts(section string) bool {
	switch section {
	case "drafts", "mine":
		return false
	case "down":
		return l.a.Has(workflow.Leader, "") || l.a.Has(workflow.Chief, "")
	}
	return true
}

// first puts the most urgent item in one sentence. A returned one says why it came back.
func (p *Pages) first(ctx context.Context, l *lens, section string, r workflow.Row) (*First, error) {
	f := &First{Title: r.Title, Href: fmt.Sprint("/items/", r.ID), Verb: l.t("现在办理")}
	due, late := l.due(r.Due)
	f.Line = l.State(r.State) + " · " + l.unit(r.Unit) + " " + r.AuthorName
	if due != "" {
		f.Line += " · " + l.t("时限") + " " + due
	}
	f.Alarm = late || section == "down"
	if section != "back" {
		return f, nil
	}
	v, err := p.Desk.View(ctx, l.a, r.ID)
	if err != nil {
		return nil, err
	}
	f.Href, f.Verb, f.Quote = f.Href+"/edit", l.t("去修改"), l.returned(v)
	return f, nil
}

// returned says who sent the item back and why: a person, or the check that followed the newest submission.
func (l *lens) returned(v *workflow.View) string {
	for _, d := range slices.Backward(v.Decisions) {
		if d.Event == workflow.Submit {
			break
		}
		if d.Event == workflow.Return {
			return l.t("{0}（{1}）：{2} — {3}", d.Name, l.Role(d.Role), l.ReasonCode(d.ReasonCode), d.Reason)
		}
	}
	var found []string
	for _, f := range contested(v) {
		if s := "“" + f.Text + "”"; !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return l.t("自动检查发现必须改正的内容，请逐条修改后重新提交。")
	}
	return l.t("自动检查发现必须改正的内容：{0}。请修改后重新提交；确是误报，可以申辩。", strings.Join(found, l.t("、")))
}

func (l *lens) greeting() string {
	switch h := l.now.In(zone).Hour(); {
	case h < 11:
		return l.t("{0}，早上好", l.a.Name)
	case h < 13:
		return l.t("{0}，中午好", l.a.Name)
	case h < 18:
		return l.t("{0}，下午好", l.a.Name)
	}
	return l.t("{0}，晚上好", l.a.Name)
}

var weekdays = []string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

func (l *lens) today() string {
	t := l.now.In(zone)
	return l.t("{0} 年 {1} 月 {2} 日", t.Year(), int(t.Month()), t.Day()) + " " + l.t(weekdays[t.Weekday()])
}

func (l *lens) forms() []Form {
	var out []Form
	for _, t := range l.setup.Templates {
		out = append(out, Form{t.ID, l.either(t.Name, t.NameEn), l.t("{0} 处填空", len(t.Fields))})
	}
	return out
}

func (p *Pages) lamps(ctx context.Context, l *lens) ([]Lamp, error) {
	chans, err := p.Desk.Channels(ctx, l.a)
	if err != nil {
		return nil, err
	}
	var out []Lamp
	for _, ch := range chans {
		t := "good"
		if ch.State == workflow.ChannelHalted {
			t = "bad"
		}
		out = append(out, Lamp{ch.ID, l.channelName(ch), l.ChannelState(ch.State), t})
	}
	return out, nil
}

// watch is what the auditor and the security administrators see first.
func (p *Pages) watch(ctx context.Context, l *lens, d *Home) (err error) {
	if l.a.Has(workflow.Auditor, "") {
		if d.Proof, err = p.proof(ctx, l, -1); err != nil {
			return err
		}
	}
	if l.a.Has(workflow.SecurityAdmin, "") {
		d.Admin, err = p.administers(ctx, l)
	}
	return err
}
