package page

import (
	"net/http"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Motioned is one motion in words: what is as it is beside what it shall be, before anybody decides.
type Motioned struct {
	ID                                        int64
	Title, State, Tone, By, At, Reason, Paper string
	Decider, DecidedAt, Answer, Action, CSRF  string
	Deltas                                    []Delta
	MayDecide                                 bool
	WhyNot                                    string
	Version                                   int64
}

// Delta is one line of a difference; an empty Was is new, an empty Now goes.
type Delta struct{ Label, Was, Now string }

// motioned puts what is common to all motions in words.
func (l *lens) motioned(m workflow.Motion, action, csrf string) Motioned {
	d := Motioned{
		ID: m.ID, State: l.ProposalState(m.State), Tone: proposalTone[m.State], By: m.ByName, At: l.when(m.At), Reason: m.Reason,
		Decider: m.DeciderName, DecidedAt: l.when(m.DecidedAt), Answer: m.Answer, Version: m.Version,
		Action: action + "/" + strconv.FormatInt(m.ID, 10), CSRF: csrf,
	}
	if m.State != workflow.Proposed || !anyRole(l.a, workflow.Deciders) {
		return d
	}
	switch l.a.ID {
	case m.By:
		d.WhyNot = l.t("提议人不能自己批准。")
	case m.Concerns():
		d.WhyNot = l.t("这项申请关系到您本人，请由另一位安全保密管理员办理。")
	default:
		d.MayDecide = true
	}
	return d
}

// motions splits what waits from what was decided, each newest first, and leads on to older ones.
func (p *Pages) motions(c *gate.Call, kind workflow.MotionKind, say func(workflow.Motion) Motioned) (waiting, decided []Motioned, next int64, err error) {
	before, err := c.QueryNumber("before", 0)
	if err != nil {
		return nil, nil, 0, err
	}
	ctx := c.Request().Context()
	open, err := p.Desk.Motions(ctx, c.Actor, workflow.MotionQuery{Kind: kind, State: workflow.Proposed, Limit: gate.MaxPage})
	if err != nil {
		return nil, nil, 0, err
	}
	all, err := p.Desk.Motions(ctx, c.Actor, workflow.MotionQuery{Kind: kind, Before: before, Limit: few})
	if err != nil {
		return nil, nil, 0, err
	}
	for _, m := range open {
		waiting = append(waiting, say(m))
	}
	for _, m := range all {
		if m.State != workflow.Proposed {
			decided = append(decided, say(m))
		}
	}
	if len(all) == few {
		next = all[few-1].ID
	}
	return waiting, decided, next, nil
}

// decision reads the form by which what somebody proposed is decided: its number, the decision, and the answer to the proposer.
func decision(c *gate.Call) (id int64, approve bool, answer string, err error) {
	f, err := c.Form("do", "answer")
	if err != nil {
		return 0, false, "", err
	}
	if id, err = strconv.ParseInt(c.Param("id"), 10, 64); err != nil {
		return 0, false, "", workflow.ErrMissing
	}
	return id, f.Get("do") == "approve", f.Get("answer"), nil
}

// decideMotion reads the form of a decision and makes it by decide; page shows again what was refused.
func (p *Pages) decideMotion(
	c *gate.Call, home string, decide func(id int64, approve bool, answer string) error, page func(status int, n *Note) error,
) error {
	id, approve, answer, err := decision(c)
	if err != nil {
		return err
	}
	ok := "declined"
	if approve {
		ok = "adopted"
	}
	return answered(c, decide(id, approve, answer), home+"?ok="+ok, page)
}

// answered leads on after a write, or shows the page again with every reason against it.
func answered(c *gate.Call, err error, on string, page func(status int, n *Note) error) error {
	status, code, rs, _ := gate.Answer(err)
	switch {
	case err == nil:
		return see(c, on)
	case status == http.StatusNotFound || status >= http.StatusInternalServerError:
		return err
	}
	if code == "stale" { // its words are about items
		return page(status, &Note{Kind: "bad", Number: c.Number, Text: tr(c.Words, "已有人先办，或情况已有变动，请核对后再办。")})
	}
	return page(status, refusal(c, code, rs))
}

// grants puts roles with their scopes in one line; a role held in several places is named once.
func (l *lens) grants(gs []workflow.Grant) string {
	var out []string
	for i := 0; i < len(gs); {
		var scopes []string
		k := i
		for ; k < len(gs) && gs[k].Role == gs[i].Role; k++ {
			if gs[k].Scope != "" {
				scopes = append(scopes, l.scope(gs[k]))
			}
		}
		name := l.Role(gs[i].Role)
		if len(scopes) > 0 {
			name = l.t("{0}：{1}", name, strings.Join(scopes, l.t("、")))
		}
		out = append(out, name)
		i = k
	}
	return strings.Join(out, l.t("；"))
}
