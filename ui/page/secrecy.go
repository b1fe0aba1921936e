package page

import (
	"net/http"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Secrecy lists what only secrecy officers may read, with the clocks of what was referred.
type Secrecy struct {
	Frame
	Groups []Watched
}

// Watched is the items in one state.
type Watched struct {
	Title, Empty string
	Items        []Closed
}

// Closed is one of them. Clocks are in words; Proposed says what waits for the second officer.
type Closed struct {
	Row
	Question, Ground, LetterNo string
	Clocks                     []Clockface
	Proposed                   string
}

// Clockface is the end of a time, and whether it is over.
type Clockface struct {
	Name, End string
	Late      bool
}

func (p *Pages) secrecy(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "保密事项"))
	if err != nil {
		return err
	}
	items, err := p.Desk.Secrecy(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	d := Secrecy{Frame: f}
	for _, g := range []struct {
		state        workflow.State
		title, empty string
	}{
		{workflow.Referred, "报保密局确定", "没有报送待批复的稿件。"},
		{workflow.Sealed, "封存", "没有封存的稿件。"},
		{workflow.Disposed, "已清除移交", "没有清除移交的稿件。"},
	} {
		w := Watched{Title: l.t(g.title), Empty: l.t(g.empty)}
		for _, x := range items {
			if x.State == g.state {
				w.Items = append(w.Items, l.closed(x))
			}
		}
		d.Groups = append(d.Groups, w)
	}
	return p.show(c, http.StatusOK, "secrecy", d)
}

func (l *lens) closed(x workflow.Guarded) Closed {
	out := Closed{Row: l.row(x.Row, x.State != workflow.Disposed), Question: x.Question, Ground: x.Ground, LetterNo: x.LetterNo}
	for _, k := range []struct {
		name string
		end  time.Time
	}{{"报送期限", x.Report}, {"答复期限", x.Reply}} {
		if !k.end.IsZero() {
			end, late := l.due(k.end)
			out.Clocks = append(out.Clocks, Clockface{l.t(k.name), end, late})
		}
	}
	if p := x.Proposed; p != nil {
		out.Proposed = l.t("{0}已{1}，待另一位保密员复核", p.Name, l.Event(p.Event))
	}
	return out
}
