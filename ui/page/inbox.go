package page

import (
	"net/http"
	"net/url"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Option is one choice of a list.
type Option struct {
	Value, Text string
	Chosen      bool
}

// Inbox is a list of items: a box, or all of them with filters.
type Inbox struct {
	Frame
	List
	Lead, Empty string
	Boxes       []Link
	Filters     []Option // states to choose from; empty in a box
	Text        string
	Filtered    bool
	MayDraft    bool
}

// boxes are the lists of the inbox with what each is for.
var boxes = []struct {
	path        string
	box         workflow.Box
	lead, empty string
	drafters    bool
}{
	{"/inbox", workflow.Todo, "等您办理的稿件，时限近的在前。", "没有等您办理的稿件。", false},
	{"/inbox/done", workflow.Done, "您办理过的稿件，可以随时查看进展。", "您还没有办理过稿件。", false},
	{"/inbox/mine", workflow.Mine, "您拟写的稿件和它们走到哪一步。", "您还没有拟写稿件。", true},
	{"/inbox/drafts", workflow.Drafts, "还没有提交的稿件。", "没有草稿。", true},
}

// box returns the handler of the i-th box.
func (p *Pages) box(i int) func(*gate.Call) error {
	return func(c *gate.Call) error {
		b := boxes[i]
		d := Inbox{Lead: tr(c.Words, b.lead), Empty: tr(c.Words, b.empty)}
		q := workflow.Query{Box: b.box, After: c.QueryParam("after"), Limit: 50}
		return p.listing(c, d, c.Words.Box(b.box), q)
	}
}

func (p *Pages) listing(c *gate.Call, d Inbox, title string, q workflow.Query) error {
	f, l, err := p.frame(c, title)
	if err != nil {
		return err
	}
	rows, next, err := p.Desk.List(c.Request().Context(), c.Actor, q)
	if err != nil {
		return err
	}
	d.Frame, d.Rows = f, l.list(rows, q.Box == workflow.Todo)
	if next != "" {
		v := c.QueryParams()
		v.Set("after", next)
		d.Next = c.Request().URL.Path + "?" + v.Encode()
	}
	d.MayDraft = anyRole(c.Actor, drafting)
	if q.Box != workflow.All {
		if d.Boxes, err = p.boxTabs(c, f.todo); err != nil {
			return err
		}
	}
	return p.show(c, http.StatusOK, "inbox", d)
}

// boxTabs names the boxes. Only what waits is counted, todo by the frame already: counting all that was ever done is slow.
func (p *Pages) boxTabs(c *gate.Call, todo int) ([]Link, error) {
	var out []Link
	for _, b := range boxes {
		if b.drafters && !anyRole(c.Actor, drafting) {
			continue
		}
		k := Link{Href: b.path, Text: c.Words.Box(b.box), Here: c.Request().URL.Path == b.path}
		if b.box == workflow.Todo {
			k.Count = Tally(todo)
		}
		if b.box == workflow.Drafts {
			n, err := p.Desk.Count(c.Request().Context(), c.Actor, workflow.Query{Box: b.box, Most: most})
			if err != nil {
				return nil, err
			}
			k.Count = Tally(n)
		}
		out = append(out, k)
	}
	return out, nil
}

// filterable are the states that the list of all items can be narrowed to, in the order of an item's life.
var filterable = []workflow.State{
	workflow.Draft, workflow.Returned, workflow.Scanning, workflow.UnitCheck, workflow.SecrecyReview, workflow.Countersign, workflow.LeaderApproval,
	workflow.ChiefApproval, workflow.Approved, workflow.Registered, workflow.Scheduled, workflow.Published, workflow.Suspended, workflow.Withdrawn, workflow.Superseded,
	workflow.Expired, workflow.Rejected, workflow.Denied, workflow.Cancelled, workflow.Referred, workflow.Sealed, workflow.Disposed,
}

func (p *Pages) items(c *gate.Call) error {
	q := workflow.Query{Box: workflow.All, After: c.QueryParam("after"), Text: c.QueryParam("text"), Limit: 50}
	d := Inbox{
		Lead: tr(c.Words, "您有权查看的全部稿件。"), Empty: tr(c.Words, "没有符合条件的稿件。"), Text: q.Text,
		Filtered: q.Text != "" || c.QueryParam("state") != "",
	}
	for _, s := range filterable {
		o := Option{string(s), c.Words.State(s), c.QueryParam("state") == string(s)}
		if o.Chosen {
			q.States = []workflow.State{s}
		}
		d.Filters = append(d.Filters, o)
	}
	return p.listing(c, d, tr(c.Words, "全部稿件"), q)
}

// asking joins a path with one query value.
func asking(base, key, value string) string { return base + "?" + key + "=" + url.QueryEscape(value) }
