package api

import (
	"slices"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Move asks for an event on the version and digest its asker saw. The fields from contest on belong to single events.
type Move struct {
	V          *int               `json:"v,omitempty"`
	Event      string             `json:"event"`
	Version    *int64             `json:"version"`
	Digest     string             `json:"digest"`
	Opinion    string             `json:"opinion,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	ReasonCode string             `json:"reason_code,omitempty"`
	OnBehalfOf *string            `json:"on_behalf_of,omitempty"`
	Contest    []workflow.Contest `json:"contest,omitempty"`
	At         *time.Time         `json:"at,omitempty"`
	To         *string            `json:"to,omitempty"`
	Class      *string            `json:"class,omitempty"`
	Persons    []string           `json:"persons,omitempty"`
	Question   *string            `json:"question,omitempty"`
	Ground     *string            `json:"ground,omitempty"`
	LetterNo   *string            `json:"letter_no,omitempty"`
	Result     *string            `json:"result,omitempty"`
	ReplyNo    *string            `json:"reply_no,omitempty"`
	Notice     *string            `json:"notice,omitempty"`
	Target     *string            `json:"target,omitempty"`
	Passages   []string           `json:"passages,omitempty"`
	Mode       *string            `json:"mode,omitempty"`
}

// own says which events take a field that not all take.
var own = map[string][]string{
	"on_behalf_of": {"leader_approve", "chief_approve"},
	"contest":      {"submit"},
	"at":           {"schedule"},
	"to":           {"reassign"},
	"class":        {"raise_class"},
	"persons":      {"ask_countersign"},
	"question":     {"refer"},
	"ground":       {"refer"},
	"letter_no":    {"refer"},
	"result":       {"propose_determination", "approve_withdraw", "countersign"},
	"reply_no":     {"propose_determination", "propose_disposal"},
	"notice":       {"ask_withdraw"},
	"target":       {"ask_withdraw"},
	"passages":     {"twin"},
	"mode":         {"twin"},
}

// given returns the names of the event's own fields that stand in m.
func (m Move) given() []string {
	var out []string
	for _, f := range []struct {
		name  string
		there bool
	}{
		{"on_behalf_of", m.OnBehalfOf != nil},
		{"contest", m.Contest != nil},
		{"at", m.At != nil},
		{"to", m.To != nil},
		{"class", m.Class != nil},
		{"persons", m.Persons != nil},
		{"question", m.Question != nil},
		{"ground", m.Ground != nil},
		{"letter_no", m.LetterNo != nil},
		{"result", m.Result != nil},
		{"reply_no", m.ReplyNo != nil},
		{"notice", m.Notice != nil},
		{"target", m.Target != nil},
		{"passages", m.Passages != nil},
		{"mode", m.Mode != nil},
	} {
		if f.there {
			out = append(out, f.name)
		}
	}
	return out
}

// check refuses what no event could mean: missing fields, and fields of another event.
func (m Move) check() error {
	if err := known(m.V); err != nil {
		return err
	}
	var n needed
	n.ask(m.Event != "", "missing", "event")
	n.ask(m.Version != nil, "missing", "version")
	n.ask(m.Digest != "", "missing", "digest")
	if err := n.err(); err != nil {
		return err
	}
	if !plain(m.Event) {
		return gate.Invalid("unknown_value", "event")
	}
	for _, f := range m.given() {
		if !slices.Contains(own[f], m.Event) {
			return gate.Foreign(f, m.Event)
		}
	}
	return nil
}

// plain reports whether s could be the name of an event: what is asked for goes on the log.
func plain(s string) bool {
	return len(s) <= 40 && !slices.ContainsFunc([]byte(s), func(b byte) bool { return b != '_' && (b < 'a' || b > 'z') })
}

// terms returns the event's own fields as the Desk takes them.
func (m Move) terms() workflow.Terms {
	return workflow.Terms{
		Passages: m.Passages, Mode: said(m.Mode),
		At: m.At, Question: said(m.Question), Ground: said(m.Ground), LetterNo: said(m.LetterNo), ReplyNo: said(m.ReplyNo), Persons: m.Persons, To: said(m.To), Notice: said(m.Notice), Target: said(m.Target), Result: said(m.Result),
	}
}

// said returns what a field that may be absent says.
func said(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a *API) move(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	var in Move
	if err := c.Read(&in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	v, err := a.Desk.Move(c.Request().Context(), c.Actor, workflow.Move{
		Item: id, OnBehalf: said(in.OnBehalfOf), Version: *in.Version, Digest: in.Digest, Event: workflow.Event(in.Event), Opinion: in.Opinion,
		Reason: in.Reason, ReasonCode: in.ReasonCode, Contest: in.Contest, Terms: in.terms(),
	})
	return a.answer(c, v, id, *in.Version, err)
}

// Verdict disposes of one finding.
type Verdict struct {
	Verdict workflow.Verdict `json:"verdict"`
	Reason  string           `json:"reason"`
	Version *int64           `json:"version"`
}

func (a *API) dispose(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	var in Verdict
	if err := c.Read(&in); err != nil {
		return err
	}
	var n needed
	n.ask(in.Verdict != "", "missing", "verdict")
	n.ask(in.Version != nil, "missing", "version")
	if err := n.err(); err != nil {
		return err
	}
	v, err := a.Desk.Dispose(c.Request().Context(), c.Actor, id, *in.Version, c.Param("fid"), in.Verdict, in.Reason)
	return a.answer(c, v, id, *in.Version, err)
}
