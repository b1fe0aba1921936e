package page

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Proposals is the page of the house's library: what is proposed, and a form for one more change.
type Proposals struct {
	Frame
	Waiting, Decided []Proposed
	Next             string
	Version          int64
	Terms            int
	MayPropose       bool
	Form             TermForm
	Outlook          *Outlook
}

// Proposed is one proposal in words.
type Proposed struct {
	ID                                              int64
	State, Tone, By, At, Reason, Decider, DecidedAt string
	Answer, Source                                  string
	Changes                                         []Changed
	More                                            int
	MayDecide                                       bool
	WhyNot                                          string
	CSRF                                            string
	Version                                         int64
}

// Changed is one change in words. Was is what the term was, for a change of it.
type Changed struct{ Op, Text, Detail, Was string }

// TermForm is one change as it was typed.
type TermForm struct {
	Ops, Levels, Kinds, Fuzzies  []Option
	Text, Category, Basis, Why   string
	Suggest, From, Until, Reason string
	AutoReturn, Confirmed        bool
	CSRF                         string
}

// Outlook is what a proposal would do, in words.
type Outlook struct {
	Reasons, Near []string
	Public        string
}

// few is how many decided proposals a page has.
const few = 30

func (p *Pages) proposals(c *gate.Call) error {
	text := c.QueryParam("text")
	if text == "" {
		return p.proposalsPage(c, http.StatusOK, workflow.LibraryChange{}, nil, nil)
	}
	house, err := p.Desk.House(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	return p.proposalsPage(c, http.StatusOK, begun(house, text), nil, nil)
}

// begun is a change of a term that was found, as its form opens: the house's own as it is now, a built-in one to be switched off.
func begun(house *workflow.Library, text string) workflow.LibraryChange {
	if t, ours := house.Term(text); ours {
		return workflow.LibraryChange{Op: workflow.ChangeTerm, Term: t}
	}
	return workflow.LibraryChange{Op: workflow.SwitchOff, Term: workflow.Term{Text: text}}
}

func (p *Pages) proposalsPage(c *gate.Call, status int, typed workflow.LibraryChange, o *workflow.Outlook, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "词库更改"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	ctx := c.Request().Context()
	before, err := c.QueryNumber("before", 0)
	if err != nil {
		return err
	}
	house, err := p.Desk.House(ctx, c.Actor)
	if err != nil {
		return err
	}
	d := Proposals{Frame: f, Version: house.Version, Terms: house.Len(), MayPropose: anyRole(c.Actor, workflow.Keepers)}
	d.Form = l.termForm(typed, c.FormValue("reason"), f.CSRF)
	d.Outlook = l.outlook(o)
	waiting, err := p.Desk.Proposals(ctx, c.Actor, workflow.Proposed, 0, gate.MaxPage)
	if err != nil {
		return err
	}
	all, err := p.Desk.Proposals(ctx, c.Actor, "", before, few)
	if err != nil {
		return err
	}
	for _, x := range waiting {
		d.Waiting = append(d.Waiting, l.proposed(x, f.CSRF))
	}
	for _, x := range all {
		if x.State != workflow.Proposed {
			d.Decided = append(d.Decided, l.proposed(x, f.CSRF))
		}
	}
	if len(all) == few {
		d.Next = asking("/terms/proposals", "before", itoa(all[few-1].ID))
	}
	return p.show(c, status, "proposals", d)
}

var proposalTone = map[workflow.ProposalState]string{workflow.Proposed: "warn", workflow.Adopted: "good", workflow.Declined: ""}

func (l *lens) proposed(x workflow.Proposal, csrf string) Proposed {
	d := Proposed{
		ID: x.ID, State: l.ProposalState(x.State), Tone: proposalTone[x.State], By: x.ByName, At: l.when(x.At), Reason: x.Reason,
		Decider: x.DeciderName, DecidedAt: l.when(x.DecidedAt), Answer: x.Answer, More: x.Count - len(x.Head), CSRF: csrf, Version: x.Version,
	}
	if x.Item != 0 {
		d.Source = l.t("来自稿件 {0} 的误报结论", int64(x.Item))
	}
	for _, c := range x.Head {
		d.Changes = append(d.Changes, l.changed(c))
	}
	d.MayDecide = x.State == workflow.Proposed && anyRole(l.a, workflow.Deciders)
	if d.MayDecide && x.By == l.a.ID {
		d.MayDecide, d.WhyNot = false, l.t("提议人不能自己批准。")
	}
	return d
}

func (l *lens) changed(c workflow.LibraryChange) Changed {
	d := Changed{Op: l.LibraryOp(c.Op), Text: c.Term.Text}
	if c.Op == workflow.AddTerm || c.Op == workflow.ChangeTerm {
		d.Detail = l.attributes(c.Term)
	}
	if c.Op == workflow.ChangeTerm && c.Was != nil {
		d.Was = l.attributes(*c.Was)
	}
	return d
}

// attributes puts what a term is in one line.
func (l *lens) attributes(t workflow.Term) string {
	parts := []string{l.category(t.Category), l.Level(string(t.Level))}
	if t.AutoReturn {
		parts = append(parts, l.t("自动退回"))
	}
	for _, w := range t.Fuzzy {
		parts = append(parts, l.t(fuzzyNames[w]))
	}
	if !t.From.IsZero() || !t.Until.IsZero() {
		parts = append(parts, dayOf(t.From)+" – "+dayOf(t.Until))
	}
	for _, s := range []string{t.Basis, t.Why, t.Suggest} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

var fuzzyNames = map[string]string{"pinyin": "拼音", "initials": "首字母", "homophone": "同音", "split": "拆字"}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

func (l *lens) termForm(c workflow.LibraryChange, reason, csrf string) TermForm {
	t := c.Term
	f := TermForm{
		Text: t.Text, Category: t.Category, Basis: t.Basis, Why: t.Why, Suggest: t.Suggest, From: dayOf(t.From), Until: dayOf(t.Until),
		AutoReturn: t.AutoReturn, Confirmed: t.Confirmed, Reason: reason, CSRF: csrf, Kinds: l.kinds(t.Category),
	}
	for _, o := range workflow.LibraryOps {
		f.Ops = append(f.Ops, Option{string(o), l.LibraryOp(o), o == c.Op})
	}
	for _, v := range workflow.Levels {
		f.Levels = append(f.Levels, Option{string(v), l.Level(string(v)), v == t.Level || t.Level == "" && v == review.Ask})
	}
	for _, w := range workflow.Fuzzies {
		f.Fuzzies = append(f.Fuzzies, Option{w, l.t(fuzzyNames[w]), slices.Contains(t.Fuzzy, w)})
	}
	return f
}

func (l *lens) outlook(o *workflow.Outlook) *Outlook {
	if o == nil {
		return nil
	}
	d := &Outlook{Reasons: told(l.Book, o.Reasons), Near: o.Near}
	switch {
	case o.Partial:
		d.Public = l.t("看了 {0} 份可能有关的已公开稿件，其中 {1} 份会命中；还有更多没有看。", o.Looked, o.Public)
	default:
		d.Public = l.t("{0} 份已公开稿件会命中。", o.Public)
	}
	return d
}

// termFields are the fields of one change.
var termFields = []string{
	"op", "text", "category", "level", "auto_return", "confirmed", "fuzzy+", "basis", "why", "suggest", "from", "until", "reason", "do",
}

// typedChange reads one change; a day that is none is left out, and the Desk says what is wrong with the rest.
func typedChange(c *gate.Call) (workflow.LibraryChange, string, error) {
	f, err := c.Form(termFields...)
	if err != nil {
		return workflow.LibraryChange{}, "", err
	}
	x := workflow.LibraryChange{Op: workflow.LibraryOp(f.Get("op")), Term: workflow.Term{Text: strings.TrimSpace(f.Get("text"))}}
	if x.Op != workflow.AddTerm && x.Op != workflow.ChangeTerm {
		return x, f.Get("do"), nil
	}
	t := &x.Term
	t.Category, t.Level, t.Basis, t.Why, t.Suggest = f.Get("category"), review.Level(f.Get("level")), f.Get("basis"), f.Get("why"), f.Get("suggest")
	t.AutoReturn, t.Confirmed, t.Fuzzy = f.Get("auto_return") != "", f.Get("confirmed") != "", f["fuzzy"]
	for field, at := range map[string]*time.Time{"from": &t.From, "until": &t.Until} {
		if s := f.Get(field); s != "" {
			if *at, err = time.ParseInLocation(time.DateOnly, s, zone); err != nil {
				return x, "", gate.Invalid("unfit_value", field)
			}
		}
	}
	return x, f.Get("do"), nil
}

// propose makes a proposal, or only shows what it would do.
func (p *Pages) propose(c *gate.Call) error {
	x, do, err := typedChange(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if do == "look" {
		o, err := p.Desk.Foresee(ctx, c.Actor, []workflow.LibraryChange{x})
		if err != nil {
			return err
		}
		if partial(c) {
			l, err := p.lens(c)
			if err != nil {
				return err
			}
			return p.show(c, http.StatusOK, "outlook", l.outlook(&o))
		}
		return p.proposalsPage(c, http.StatusOK, x, &o, nil)
	}
	_, err = p.Desk.Propose(ctx, c.Actor, []workflow.LibraryChange{x}, c.FormValue("reason"))
	return p.proposedOr(c, x, "proposed", err)
}

// proposedOr leads on after a write, or shows the page again with every reason against it.
func (p *Pages) proposedOr(c *gate.Call, x workflow.LibraryChange, ok string, err error) error {
	status, code, rs, _ := gate.Answer(err)
	switch {
	case err == nil:
		return see(c, "/terms/proposals?ok="+ok)
	case status == http.StatusNotFound || status >= http.StatusInternalServerError:
		return err
	}
	return p.proposalsPage(c, status, x, nil, &Note{Kind: "bad", Text: c.Words.Error(code), Reasons: told(c.Words, rs)})
}

func (p *Pages) decideProposal(c *gate.Call) error {
	id, approve, answer, err := decision(c)
	if err != nil {
		return err
	}
	ok := "refused"
	if approve {
		ok = "approved"
	}
	_, err = p.Desk.Decide(c.Request().Context(), c.Actor, id, approve, answer)
	return p.proposedOr(c, workflow.LibraryChange{}, ok, err)
}
