package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Trail is every record of an item.
type Trail struct {
	Frame
	Head
	Entries []Entry
}

// Entry is one record of the log, in words.
type Entry struct {
	Seq                         string
	At, Who, Role, Event        string
	From, To, Result, Tone      string
	Reasons, Reason, Took       string
	Revision                    int
	Digest, Address, Item, Href string
}

func (p *Pages) trail(c *gate.Call) error {
	v, f, l, err := p.part(c, "全部轨迹")
	if err != nil {
		return err
	}
	es, err := p.Desk.Trail(c.Request().Context(), c.Actor, v.Item.ID)
	if err != nil {
		return err
	}
	d := Trail{Frame: f, Head: l.head(v, "trail")}
	for i, e := range es {
		x := l.entry(e)
		if i > 0 {
			x.Took = l.span(e.At.Sub(es[i-1].At))
		}
		d.Entries = append(d.Entries, x)
	}
	return p.show(c, http.StatusOK, "trail", d)
}

// who names the person of a record; the program itself has a name in each language.
func (l *lens) who(e workflow.Entry) string {
	if e.Role == string(workflow.System) {
		return l.Role(workflow.System)
	}
	return e.Name
}

func (l *lens) entry(e workflow.Entry) Entry {
	x := Entry{
		At: l.exact(e.At), Who: l.who(e), Role: l.Role(workflow.Role(e.Role)), Event: l.Event(workflow.Event(e.Event)),
		Result: l.Result(e.Result), Tone: "good", Revision: e.Revision, Digest: e.Digest, Address: e.Address,
	}
	if e.Seq >= 0 {
		x.Seq = itoa(e.Seq)
	}
	if e.Result != "done" {
		x.Tone = "bad"
	}
	if e.From != e.To && e.Item != 0 {
		x.From, x.To = l.State(workflow.State(e.From)), l.State(workflow.State(e.To))
	}
	for i, code := range e.Reasons {
		if i > 0 {
			x.Reasons += l.t("；")
		}
		x.Reasons += l.Reason(workflow.Reason{Code: code})
	}
	if e.Reason != "" {
		x.Reason = l.ReasonCode(e.Reason)
	}
	if ch := e.Detail["channel"]; ch != "" {
		x.Reason += " " + l.channel(ch)
	}
	if e.Item != 0 {
		x.Item, x.Href = itoa(e.Item), itemPath(workflow.ItemID(e.Item))
	}
	return x
}
