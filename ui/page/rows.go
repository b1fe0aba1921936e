package page

import (
	"fmt"

	"qingyang/workflow"
)

// Row is one item in a list.
type Row struct {
	Href, Title, No, Unit, Author string
	Urgent                        string // 加急, 特急 or empty
	Important                     bool
	Channels                      []string
	State, Tone, Holder           string
	Dwell, Due                    string
	Late                          bool
	Open                          int
	Verb                          string // what the button says
	Primary                       bool
}

// List is a table of items. Next leads to the next page, empty at the end.
type List struct {
	Rows []Row
	Next string
}

func (l *lens) row(r workflow.Row, todo bool) Row {
	out := Row{
		Href: fmt.Sprint("/items/", r.ID), Title: r.Title, No: l.no(r.Item), Unit: l.unit(r.Unit), Author: r.AuthorName,
		Important: r.Class == workflow.Important, State: l.State(r.State), Tone: tone(r.State), Holder: l.holder(r),
		Dwell: l.span(l.now.Sub(r.Since)), Open: r.Open, Verb: l.t("查看"),
	}
	if r.Urgency == workflow.Urgent || r.Urgency == workflow.Critical {
		out.Urgent = l.Urgency(r.Urgency)
	}
	for _, id := range r.Channels {
		out.Channels = append(out.Channels, l.channel(id))
	}
	out.Due, out.Late = l.due(r.Due)
	if todo {
		out.Verb, out.Primary = l.t("办理"), true
	}
	if mine := r.Author == l.a.ID; mine && (r.State == workflow.Draft || r.State == workflow.Returned) {
		out.Verb, out.Href = l.t("修改"), out.Href+"/edit"
	}
	return out
}

func (l *lens) list(rows []workflow.Row, todo bool) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = l.row(r, todo)
	}
	return out
}
