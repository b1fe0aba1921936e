package page

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Head is the top of every page of an item.
type Head struct {
	ID                          workflow.ItemID
	No, Name, State, Tone       string
	Unit, Author, Due, Extra    string
	Late                        bool
	Revision                    int
	ChannelLine                 string
	Stages                      []Stage
	Tabs                        []Link
	Family                      []Link
	Asides                      []string // who works on it, who asked for haste
	Version                     int64
	Digest, AntivirusOff, Class string
}

// Stage is one step of the way. State is done, now, stopped or next.
type Stage struct{ Name, Who, State string }

// Item is the review page.
type Item struct {
	Frame
	Head
	Heading     string
	Body        template.HTML
	Texts       []Text
	Attachments []File
	Shows       []Show
	Findings    []Finding
	Disposed    int
	ToDispose   int
	NoFindings  string
	Track       []Step
	Brief       *Brief // what a leader signs on, nil for others
	Waits       bool   // the system is at work on it: the page looks again by itself
	Decide      Decide
}

// Text is what a channel shows instead of the body.
type Text struct{ Name, Text string }

// Show is what a channel is known to show of the item.
type Show struct{ Name, Line, State, Tone string }

// Step is one decision on the way.
type Step struct{ Who, Post, Act, Opinion, Line, State string }

// typed is what a person wrote into a form that was not accepted.
type typed struct {
	move   workflow.Move
	faults map[string]string // by field
	note   *Note
	// a disposal that was not accepted: the finding and the words
	finding, reason string
	meant           workflow.Event // the move that a link named beforehand
}

func (p *Pages) item(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	k := typed{}
	if k.note, err = p.onward(c); err != nil {
		return err
	}
	k.meant = meant(c)
	return p.itemPage(c, http.StatusOK, id, k)
}

// onward leads on to the next item that waits, once a decision was made.
func (p *Pages) onward(c *gate.Call) (*Note, error) {
	if c.QueryParam("ok") != "moved" {
		return nil, nil
	}
	n := noteOf(c)
	rows, _, err := p.Desk.List(c.Request().Context(), c.Actor, workflow.Query{Box: workflow.Todo, Limit: 1})
	if err == nil && len(rows) > 0 {
		n.Next = &Link{Href: itemPath(rows[0].ID), Text: tr(c.Words, "下一件待办：{0}", rows[0].Title)}
	}
	return n, err
}

// itemPage shows the item as it is now, with what was typed kept.
func (p *Pages) itemPage(c *gate.Call, status int, id workflow.ItemID, k typed) error {
	v, err := p.Desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return err
	}
	f, l, err := p.frame(c, v.Item.Title)
	if err != nil {
		return err
	}
	if k.note != nil {
		f.Note = k.note
	}
	if err := p.askHalted(c, l); err != nil {
		return err
	}
	d := l.itemOf(f, v, k)
	if d.Brief, err = p.brief(c.Request().Context(), l, v); err != nil {
		return err
	}
	return p.show(c, status, "item", d)
}

func (l *lens) itemOf(f Frame, v *workflow.View, k typed) Item {
	d := Item{
		Frame: f, Head: l.head(v, ""), Heading: v.Revision.Content.Title, Decide: l.decide(v, f.CSRF, k),
		Waits: v.Item.State == workflow.Scanning || underway(v),
	}
	fs := ordered(v.Findings)
	var seen map[int]bool
	d.Body, seen = marked(v.Revision.Content.BodyHTML, spans(fs))
	d.Findings = l.findings(fs, v, f.CSRF, seen, k)
	for _, x := range fs {
		if x.Level == review.Hint {
			continue
		}
		d.ToDispose++
		if !x.Open() {
			d.Disposed++
		}
	}
	d.NoFindings = l.noFindings(v)
	for _, w := range v.Revision.Content.Channels {
		if w.Text != "" {
			d.Texts = append(d.Texts, Text{l.t("{0}另用的文字", l.channel(w.ID)), w.Text})
		}
	}
	if s := v.Revision.Content.Summary; s != "" {
		d.Texts = append(d.Texts, Text{l.t("摘要"), s})
	}
	d.Attachments = l.files(v)
	d.Shows = l.shows(v)
	d.Track = l.track(v)
	return d
}

func (l *lens) noFindings(v *workflow.View) string {
	if v.Scan.At.IsZero() {
		return l.t("还没有自动检查，提交后开始。")
	}
	return l.t("自动检查没有发现问题（{0}，词库 {1}）。", l.when(v.Scan.At), library(v.Scan.Library))
}

// head makes the top of the item's pages; here is the tab that is open.
func (l *lens) head(v *workflow.View, here string) Head {
	it := v.Item
	h := Head{
		ID: it.ID, No: l.no(it), Name: it.Title, State: l.State(it.State), Tone: tone(it.State), Unit: l.unit(it.Unit),
		Author: it.AuthorName, Revision: it.Revision, ChannelLine: l.channels(v.Revision.Content.Channels), Version: it.Version,
		Digest: it.Digest, Class: l.Class(it.Class),
	}
	h.Due, h.Late = l.due(it.Due)
	h.Extra = l.extra(v)
	if l.setup.Antivirus == "off" && len(v.Revision.Attachments) > 0 {
		h.AntivirusOff = l.Antivirus("off")
	}
	h.Asides, h.Family = l.asides(it), l.family(v)
	h.Stages = l.stages(v)
	h.Tabs = l.tabs(v, here)
	return h
}

// extra is what is out of the ordinary about an item.
func (l *lens) extra(v *workflow.View) string {
	switch it := v.Item; {
	case it.Class != workflow.Important && v.ChiefToo():
		return l.t("会签有不同意见，须主要领导审批")
	case v.Revision.Content.Standby:
		return l.t("预审稿：批准一年内有效")
	case it.Class == workflow.Important:
		return l.t("重要信息，须主要领导审批")
	case it.Urgency != workflow.Normal && it.Urgency != "":
		return l.Urgency(it.Urgency)
	}
	return ""
}

// asides says who works on an item, and who asked for haste.
func (l *lens) asides(it workflow.Item) (out []string) {
	if k := it.Claimed(l.now); k != nil {
		out = append(out, l.t("{0}正在办理，至 {1}", k.Name, l.when(k.Until)))
	}
	if r := it.Reminder; r != nil {
		out = append(out, l.t("{0} {1} 催办", r.Name, l.when(r.At)))
	}
	return out
}

// family links to the relatives that the person may see.
func (l *lens) family(v *workflow.View) (out []Link) {
	for _, r := range v.Family {
		text := l.t("{0}：{1}（{2}）", l.Kin(r.Kin), l.no(workflow.Item{ID: r.ID, Number: r.Number}), l.State(r.State))
		if r.ID == v.Item.Parent {
			text = l.t("原稿：{0}（{1}）", l.no(workflow.Item{ID: r.ID, Number: r.Number}), l.State(r.State))
		}
		out = append(out, Link{Href: itemPath(r.ID), Text: text})
	}
	return out
}

func (l *lens) tabs(v *workflow.View, here string) []Link {
	base := fmt.Sprint("/items/", v.Item.ID)
	tabs := []Link{{Href: base, Text: l.t("正文"), Here: here == ""}}
	if v.Item.Revision > 1 {
		tabs = append(tabs, Link{Href: base + "/diff", Text: l.t("版本对照"), Here: here == "diff"})
	}
	tabs = append(tabs, Link{Href: base + "/preview", Text: l.t("渠道预览"), Count: Tally(len(v.Revision.Content.Channels)), Here: here == "preview"},
		Link{Href: base + "/files", Text: l.t("附件"), Count: Tally(len(v.Revision.Attachments)), Here: here == "files"},
		Link{Href: base + "/form", Text: l.t("保密审查表"), Here: here == "form"},
		Link{Href: base + "/trail", Text: l.t("全部轨迹"), Here: here == "trail"})
	return tabs
}

// reached says how many steps of the way an item in a state has behind it; -1 where the way ended early.
var reached = map[workflow.State]int{
	workflow.Draft: 0, workflow.Returned: 0, workflow.Scanning: 0, workflow.UnitCheck: 1, workflow.SecrecyReview: 2, workflow.Countersign: 2,
	workflow.LeaderApproval: 3, workflow.ChiefApproval: 4, workflow.Approved: 5, workflow.Registered: 5, workflow.Scheduled: 5, workflow.Published: 6,
	workflow.Expired: 6, workflow.Withdrawn: 6, workflow.Superseded: 6,
}

func (l *lens) stages(v *workflow.View) []Stage {
	at, known := reached[v.Item.State]
	if !known {
		return nil
	}
	var out []Stage
	for i, s := range []struct {
		name  string
		event workflow.Event
		on    bool
	}{
		{l.State(workflow.Draft), workflow.Submit, true},
		{l.State(workflow.UnitCheck), workflow.UnitPass, v.Route.UnitStep},
		{l.State(workflow.SecrecyReview), workflow.SecrecyPass, true},
		{l.Role(workflow.Leader), workflow.LeaderApprove, true},
		{l.Role(workflow.Chief), workflow.ChiefApprove, v.ChiefToo()},
		{l.t("登记发布"), workflow.Register, true},
	} {
		if !s.on {
			continue
		}
		g := Stage{Name: s.name, Who: l.signer(v, s.event), State: "next"}
		switch {
		case i < at:
			g.State = "done"
		case i == at:
			g.State = "now"
		}
		out = append(out, g)
	}
	out[0].Who = v.Item.AuthorName
	return out
}

// signer is who decided a step in the present round.
func (l *lens) signer(v *workflow.View, e workflow.Event) string {
	for _, d := range slices.Backward(v.Decisions) {
		if d.Event == e && d.Round == v.Item.Round {
			return d.Name
		}
	}
	return ""
}

var shownTone = map[workflow.Shown]string{
	workflow.Pending: "now", workflow.Live: "good", workflow.Verified: "good", workflow.Failed: "bad", workflow.Removing: "warn",
	workflow.Removed: "", workflow.Unreachable: "bad",
}

// shows is what each channel shows, in the order in which the house names its channels.
func (l *lens) shows(v *workflow.View) []Show {
	var out []Show
	at := func(d workflow.Delivery) int {
		return slices.IndexFunc(l.setup.Channels, func(c workflow.Channel) bool { return c.ID == d.Channel })
	}
	ds := slices.SortedStableFunc(slices.Values(v.Deliveries), func(a, b workflow.Delivery) int { return at(a) - at(b) })
	for _, d := range ds {
		s := Show{l.channel(d.Channel), l.when(d.At), l.Shown(d.Shown), shownTone[d.Shown]}
		if l.halted[d.Channel] && d.Have != "" {
			s.State, s.Tone = l.t("停播中"), "bad"
		}
		out = append(out, s)
	}
	return out
}

// underway reports whether a channel is about to show or to drop the item.
func underway(v *workflow.View) bool {
	return slices.ContainsFunc(v.Deliveries, func(d workflow.Delivery) bool { return d.Shown == workflow.Pending || d.Shown == workflow.Removing })
}

// track is the decisions, newest first, after what goes on now.
func (l *lens) track(v *workflow.View) []Step {
	it := v.Item
	var out []Step
	if h := l.holder(workflow.Row{Item: it, Waits: waits(v)}); h != "" {
		out = append(out, Step{Who: h, Act: l.State(it.State), Line: l.t("已停留 {0}", l.span(l.now.Sub(it.Since))), State: "now"})
	}
	for i, d := range slices.Backward(v.Decisions) {
		s := Step{Who: d.Name, Post: l.Role(d.Role), Act: l.Event(d.Event), Opinion: d.Opinion, State: "done"}
		if d.OnBehalf != "" {
			s.Post = l.t("代 {0}", d.BehalfName)
		}
		if d.Reason != "" {
			s.Opinion, s.State = l.ReasonCode(d.ReasonCode)+l.t("：")+d.Reason, "back"
		}
		s.Line = l.when(d.At) + " · " + l.t("第 {0} 版", d.Revision)
		if i > 0 {
			s.Line += " · " + l.t("用时 {0}", l.span(d.At.Sub(v.Decisions[i-1].At)))
		}
		out = append(out, s)
	}
	return out
}

// waits says who is waited for; while the item is checked that is the system.
func waits(v *workflow.View) []string {
	if v.Item.State == workflow.Scanning {
		return []string{string(workflow.System)}
	}
	return v.Waits()
}
