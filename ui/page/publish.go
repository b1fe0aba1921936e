package page

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Publishing is the publisher's desk.
type Publishing struct {
	Frame
	Groups []Group
	Waits  bool // a channel is about to show or to drop an item: the page looks again by itself
}

// Group is the items in one state of the publishing desk.
type Group struct {
	ID, Title, Empty string
	Jobs             []Job
}

// Job is an item to register, publish or watch. Event is the one move that is next, empty if none.
type Job struct {
	Row
	CSRF, Event, Verb, Sure string
	Version                 int64
	Digest                  string
	Blocked                 []string
	Shows                   []Show
	Windows                 []Text
	MayDown                 bool   // the person may take it down now
	Timer                   string // when it is to be published, and by whom
	Missed                  bool   // that time has passed
	at                      time.Time
}

func itemPath(id workflow.ItemID) string { return fmt.Sprint("/items/", id) }

// stations are the states that the publishing desk works through.
var stations = []struct {
	id, title, empty string
	box              workflow.Box
	state            workflow.State
	event            workflow.Event
}{
	{"approved", "待登记存档", "没有等待登记的稿件。", workflow.Todo, workflow.Approved, workflow.Register},
	{"registered", "已登记，等待发布", "没有等待发布的稿件。", workflow.Todo, workflow.Registered, workflow.Publish},
	{"scheduled", "定时待发", "没有定时待发的稿件。", workflow.Todo, workflow.Scheduled, workflow.Unschedule},
	{"withdrawing", "已批准撤稿，等待撤下", "没有等待撤下的稿件。", workflow.Todo, workflow.Published, workflow.Withdraw},
	{"published", "正在发布", "没有正在发布的稿件。", workflow.All, workflow.Published, ""},
	{"suspended", "紧急下线", "没有紧急下线的稿件。", workflow.All, workflow.Suspended, ""},
}

func (p *Pages) publishing(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "发布台"))
	if err != nil {
		return err
	}
	d := Publishing{Frame: f}
	ctx := c.Request().Context()
	for _, s := range stations {
		g := Group{ID: s.id, Title: l.t(s.title), Empty: l.t(s.empty)}
		rows, _, err := p.Desk.List(ctx, c.Actor, workflow.Query{Box: s.box, States: []workflow.State{s.state}, Limit: 30})
		if err != nil {
			return err
		}
		for _, r := range rows {
			v, err := p.Desk.View(ctx, c.Actor, r.ID)
			if err != nil {
				return err
			}
			j := l.job(r, v, s.event, f.CSRF)
			if s.event == workflow.Withdraw && (j.Event == "" || len(j.Blocked) > 0) {
				continue // it waits for something else
			}
			if s.event == workflow.Withdraw {
				j.Event = "" // the reason is written on the item's own page
			}
			g.Jobs = append(g.Jobs, j)
			d.Waits = d.Waits || underway(v)
		}
		slices.SortStableFunc(g.Jobs, func(a, b Job) int { return a.at.Compare(b.at) }) // what is due first; others as listed
		d.Groups = append(d.Groups, g)
	}
	return p.show(c, http.StatusOK, "publish", d)
}

func (l *lens) job(r workflow.Row, v *workflow.View, next workflow.Event, csrf string) Job {
	j := Job{Row: l.row(r, false), CSRF: csrf, Version: v.Item.Version, Digest: v.Item.Digest, Shows: l.shows(v)}
	for _, w := range v.Revision.Content.Channels {
		j.Windows = append(j.Windows, Text{l.channel(w.ID), l.window(w)})
	}
	j.MayDown = mayDown(v)
	if t, ok := v.Timer(); ok {
		j.Timer, j.Missed = l.t("{0} 由{1}定时发布", l.when(*t.Terms.At), t.Name), t.Terms.At.Before(l.now)
		j.at = *t.Terms.At
	}
	for _, o := range v.Offers {
		if next == "" || o.Event != next {
			continue
		}
		j.Event, j.Verb, j.Blocked = string(o.Event), l.Action(o.Event), told(l.Book, o.Blocked)
		if m := manner[o.Event]; m.sure != "" {
			j.Sure = l.t(m.sure)
		}
	}
	return j
}

// mayDown reports whether the person may take the item down now.
func mayDown(v *workflow.View) bool {
	return slices.ContainsFunc(v.Offers, func(o workflow.Offer) bool { return o.Event == workflow.Suspend && len(o.Blocked) == 0 })
}
