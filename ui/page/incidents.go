package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Incidents is what was wrong in public, newest first, and how soon it was dark.
type Incidents struct {
	Frame
	Lines []Trouble
	Slow  string // the longest time to dark among them
	Open  int    // not dark everywhere yet
}

// Trouble is one line of it.
type Trouble struct {
	Kind, Tone, Href, Title, State string
	By, Reason                     string
	Found, Dark, Took, Over        string
	Open                           bool
}

// listed is how many incidents of items, and of channels, the page names.
const listed = 100

func (p *Pages) incidents(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "违规发现"))
	if err != nil {
		return err
	}
	all, err := p.Desk.Incidents(c.Request().Context(), c.Actor, listed)
	if err != nil {
		return err
	}
	d := Incidents{Frame: f}
	var slow workflow.Incident
	for _, x := range all {
		y := l.trouble(x)
		d.Lines = append(d.Lines, y)
		if y.Open {
			d.Open++
		}
		if !x.Dark.IsZero() && x.Dark.Sub(x.Found) > slow.Dark.Sub(slow.Found) {
			slow = x
		}
	}
	if !slow.Found.IsZero() {
		d.Slow = l.seconds(slow.Dark.Sub(slow.Found))
	}
	return p.show(c, http.StatusOK, "incidents", d)
}

// trouble puts an incident in words. A halt holds from the moment it was written, since screens ask at each fetch.
func (l *lens) trouble(x workflow.Incident) Trouble {
	y := Trouble{
		Kind: l.Event(x.Event), Tone: "bad", By: x.By, Reason: x.Reason, Found: l.exact(x.Found), Dark: l.exact(x.Dark), Over: l.exact(x.Over),
		Open: x.Dark.IsZero(),
	}
	if x.Item != 0 {
		y.Title, y.Href, y.State, y.Tone = x.Title, itemPath(x.Item), l.State(x.State), tone(x.State)
	} else {
		y.Title, y.Href, y.State = l.channel(x.Channel), "/screens/"+x.Channel, l.t("停播中")
	}
	if x.Channel != "" && !x.Over.IsZero() {
		y.State, y.Tone = l.t("已恢复"), "good"
	}
	if x.What != "" {
		y.Reason = l.t("屏幕文件夹被人改动，已改回")
	}
	if !y.Open {
		y.Took = l.seconds(x.Dark.Sub(x.Found))
	}
	return y
}
