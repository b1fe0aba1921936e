package page

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Finding is one card. Wait says what is still missing though it has an answer.
type Finding struct {
	N                                   int
	Item                                workflow.ItemID
	FID, CSRF                           string
	Version                             int64
	Level, LevelName, Kind, Rule, Place string
	Text, Why, Suggest                  string
	Answer, Reason, By, Wait, Contest   string
	Marked, Judge, Fix                  bool
	Typed, Fault                        string
}

// ordered puts the findings of the body first, as they stand in it, then the others by place.
func ordered(fs []workflow.Finding) []workflow.Finding {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b workflow.Finding) int {
		return cmp.Or(cmp.Compare(partOrder(a.Part), partOrder(b.Part)), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Start, b.Start))
	})
	return out
}

func partOrder(part string) int {
	switch part {
	case "title":
		return 0
	case "body":
		return 1
	}
	return 2
}

func spans(fs []workflow.Finding) []span {
	var out []span
	for i, f := range fs {
		if f.Part == "body" {
			out = append(out, span{i + 1, f.Level, !f.Open() && f.Level != review.Hint, f.Start, f.End})
		}
	}
	return out
}

func (l *lens) findings(fs []workflow.Finding, v *workflow.View, csrf string, seen map[int]bool, k typed) []Finding {
	out := make([]Finding, len(fs))
	for i, f := range fs {
		d := Finding{
			N: i + 1, Item: v.Item.ID, FID: f.ID, CSRF: csrf, Version: v.Item.Version, Level: string(f.Level),
			LevelName: l.Level(string(f.Level)), Kind: l.kind(f.Finding), Rule: l.rule(f.Finding), Place: l.place(f.Part), Text: f.Text,
			Why: l.Said(f.Why), Suggest: l.Said(f.Suggest), Marked: seen[i+1], Contest: f.Contest,
			Judge: v.Judge && f.Level != review.Hint, Fix: f.Verdict == workflow.MustChange,
		}
		if f.Verdict != "" {
			d.Answer, d.Reason, d.By = l.Verdict(f.Verdict), f.Reason, f.ByName
			if f.Reason != f.Suggest {
				d.Typed = f.Reason // a suggestion is no reason for the other verdict
			}
			if f.SecondName != "" {
				d.By += l.t("、") + f.SecondName
			}
		}
		if f.Verdict == workflow.Accept && f.Open() {
			d.Wait = l.t("申辩的发现还要第二名审查员认可。")
		}
		if f.ID == k.finding {
			d.Typed, d.Fault = k.reason, strings.Join(k.note.Reasons, " ")
		}
		out[i] = d
	}
	return out
}

func (l *lens) kind(f review.Finding) string {
	k := l.FindingKind(string(f.Kind))
	if f.LevelName != "" {
		k += " · " + f.LevelName + f.Period
	}
	return k
}

func (l *lens) rule(f review.Finding) string {
	s := f.Rule
	if f.Library != "" {
		s += " · " + f.Library
	}
	if f.Match != "" && f.Match != review.Exact {
		s += " · " + l.Match(string(f.Match))
	}
	return s
}

// library is the versions of the rules, each once, without names and hash, which the log has.
func library(s string) string {
	names, _, _ := strings.Cut(s, " sha256:")
	var out []string
	for name := range strings.FieldsSeq(names) {
		_, v, ok := strings.Cut(name, "@")
		if !ok {
			v = name
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, " ")
}

// place names a part of a document: title, body, a channel's own text, or a place in a file.
func (l *lens) place(part string) string {
	if id, ok := strings.CutPrefix(part, "channel:"); ok {
		return l.channel(id)
	}
	switch part {
	case "body":
		return l.t("正文")
	case "attachments":
		return l.t("附件")
	}
	return l.Field(part)
}

// dispose gives a finding its verdict. A script gets the cards and the decision back, a plain form the page.
func (p *Pages) dispose(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	f, err := c.Form("verdict", "reason", "version")
	if err != nil {
		return err
	}
	version, err := versionOf(f.Get("version"))
	if err != nil {
		return err
	}
	fid, verdict, reason := c.Param("finding"), workflow.Verdict(f.Get("verdict")), f.Get("reason")
	if verdict == workflow.MustChange && strings.TrimSpace(reason) == "" {
		if reason, err = p.suggested(c, id, fid); err != nil {
			return err
		}
	}
	v, err := p.Desk.Dispose(c.Request().Context(), c.Actor, id, version, fid, verdict, reason)
	if err != nil {
		return p.undisposed(c, id, fid, f.Get("reason"), err)
	}
	l, err := p.lens(c)
	if err != nil {
		return err
	}
	d := l.itemOf(Frame{CSRF: c.Session.CSRF}, v, typed{})
	at := slices.IndexFunc(d.Findings, func(x Finding) bool { return x.FID == fid })
	if at < 0 || !partial(c) {
		return see(c, fmt.Sprintf("/items/%d?ok=verdict#f%d", id, at+1))
	}
	return p.show(c, http.StatusOK, "disposed", Disposed{d, d.Findings[at], d.twins(at)})
}

// suggested is what the check proposes for a finding: who demands a change without a word demands that one.
func (p *Pages) suggested(c *gate.Call, id workflow.ItemID, fid string) (string, error) {
	v, err := p.Desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(v.Findings, func(f workflow.Finding) bool { return f.ID == fid })
	if at < 0 {
		return "", workflow.ErrMissing
	}
	return v.Findings[at].Suggest, nil
}

// Disposed is what a script puts into the page after a verdict: the card, others like it, progress and the decision.
type Disposed struct {
	Item
	Card   Finding
	Others []Finding
}

// twins are other cards with the same words under the same rule: one verdict answers them all.
func (d Item) twins(at int) []Finding {
	var out []Finding
	for i, f := range d.Findings {
		if o := d.Findings[at]; i != at && f.Rule == o.Rule && f.Text == o.Text && f.Answer != "" {
			out = append(out, f)
		}
	}
	return out
}

// undisposed shows the page again with the words kept, or lets the gate answer.
func (p *Pages) undisposed(c *gate.Call, id workflow.ItemID, fid, reason string, err error) error {
	status, code, rs, _ := gate.Answer(err)
	if status != http.StatusUnprocessableEntity && status != http.StatusConflict || partial(c) {
		return err
	}
	n := refusal(c, code, rs)
	return p.itemPage(c, status, id, typed{note: n, finding: fid, reason: reason})
}
