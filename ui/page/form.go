package page

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Sheet is the printable 保密审查表.
type Sheet struct {
	Frame
	Head
	Date, Letter, Source, Summary, Column, Urgency string
	Length                                         int
	Disclosures                                    []Option
	Ground                                         string
	Outlets                                        []SheetOutlet
	SelfChecks                                     []Option
	Attachments                                    []File
	Check                                          string // outcome of the automatic check
	Accepted                                       []string
	Declared                                       Sign // the author's own, under the self-check
	Signs                                          []Sign
	Registered                                     Sign
	Published                                      string
	After                                          string
	NoAntivirus                                    bool
	Papers                                         []Link // the item's other papers
	Digest, Code                                   string // Code is the beginning of the digest, to be compared by eye
}

// SheetOutlet is a channel on the form: a box ticked or not, and when.
type SheetOutlet struct {
	Name, Window string
	On           bool
}

// Sign is one opinion with its signature. Revision is the one that was signed.
type Sign struct {
	Field, Opinion, Name, At string
	Revision                 int
	Boxes                    []Option
}

// Form returns the review form as a whole HTML page that needs nothing else; ErrMissing for who may not see the item.
func (p *Pages) Form(c *gate.Call, id workflow.ItemID) ([]byte, error) {
	v, f, l, err := p.paper(c, id)
	if err != nil {
		return nil, err
	}
	return p.draw(c, "alone", Alone{l.sheet(f, v), p.assets.print})
}

// paper begins a paper of the item, which stands alone: without navigation.
func (p *Pages) paper(c *gate.Call, id workflow.ItemID) (*workflow.View, Frame, *lens, error) {
	v, err := p.Desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return nil, Frame{}, nil, err
	}
	l, err := p.lens(c)
	if err != nil {
		return nil, Frame{}, nil, err
	}
	f := p.bare(c, v.Item.Title)
	f.House = l.houseName()
	return v, f, l, nil
}

// Alone is the form with its style in it.
type Alone struct {
	Sheet
	Style template.CSS
}

func (p *Pages) formPage(c *gate.Call) error {
	v, f, l, err := p.part(c, "保密审查表")
	if err != nil {
		return err
	}
	if err := p.askHalted(c, l); err != nil {
		return err
	}
	return p.show(c, http.StatusOK, "form", l.sheet(f, v))
}

func (l *lens) sheet(f Frame, v *workflow.View) Sheet {
	c := v.Revision.Content
	d := Sheet{
		Frame: f, Head: l.head(v, "form"), Date: v.Revision.At.In(zone).Format("2006-01-02"), Letter: c.LetterNo, Source: c.Source,
		Summary: c.Summary, Column: l.column(c.Column), Urgency: l.Urgency(v.Item.Urgency), Length: bodyLength(c.BodyHTML),
		Ground: c.Disclosure.Ground, SelfChecks: l.selfChecks(c.SelfCheck), Attachments: l.files(v), Digest: v.Item.Digest,
		NoAntivirus: l.setup.Antivirus == "off", Declared: Sign{Name: v.Item.AuthorName, At: l.when(v.Revision.At), Revision: v.Revision.N},
	}
	d.Code = spelled(v.Item.Digest)
	for _, k := range []string{"active", "on_request", "none"} {
		d.Disclosures = append(d.Disclosures, Option{k, l.Disclosure(k), k == c.Disclosure.Kind})
	}
	for _, ch := range l.setup.Channels {
		o := SheetOutlet{Name: l.channelName(ch)}
		if i := slices.IndexFunc(c.Channels, func(w workflow.Window) bool { return w.ID == ch.ID }); i >= 0 {
			o.On, o.Window = true, l.window(c.Channels[i])
		}
		d.Outlets = append(d.Outlets, o)
	}
	d.Check, d.Accepted = l.outcome(v)
	d.Signs = l.signs(v)
	d.Registered = l.sign(v, workflow.Register, l.t("登记发布"))
	d.Published = l.sign(v, workflow.Publish, "").At
	d.After, d.Papers = l.afterwards(v), l.letterLinks(v, "")
	return d
}

// bodyLength counts the characters that people read.
func bodyLength(html string) int {
	return utf8.RuneCountInString(strings.ReplaceAll(compare.Text(html), "\n", ""))
}

// spelled is the first sixteen digits of a digest in fours, as people read them out.
func spelled(digest string) string {
	if len(digest) < 16 {
		return digest
	}
	d := strings.ToUpper(digest)
	return strings.Join([]string{d[:4], d[4:8], d[8:12], d[12:16]}, "-")
}

// maxAccepted is how many verdicts are printed, so that the form stays on one sheet.
const maxAccepted = 4

// outcome is what the automatic check found and how it was disposed of.
func (l *lens) outcome(v *workflow.View) (string, []string) {
	if v.Scan.At.IsZero() {
		return l.t("尚未检查"), nil
	}
	n := map[review.Level]int{}
	var accepted []string
	for _, f := range v.Findings {
		n[f.Level]++
		if f.Verdict != "" {
			accepted = append(accepted, fmt.Sprintf("%s %s %s (%s)", l.kind(f.Finding), l.Verdict(f.Verdict), f.Reason, f.ByName))
		}
	}
	if len(accepted) > maxAccepted {
		accepted = append(accepted[:maxAccepted], l.t("等共 {0} 处，详见系统", len(accepted)))
	}
	return l.t("必须处置 {0}，须作说明 {1}，提示 {2}", n[review.Block], n[review.Ask], n[review.Hint]) + l.t("；") +
		l.t("词库 {0}，{1}", library(v.Scan.Library), l.when(v.Scan.At)), accepted
}

// signs are the opinions in the order of the paper form. One that is missing stays blank, to be filled in by hand.
func (l *lens) signs(v *workflow.View) []Sign {
	var out []Sign
	if v.Route.UnitStep {
		out = append(out, l.sign(v, workflow.UnitPass, l.t("科室负责人意见")))
	}
	out = append(out, l.reviewed(v), l.sign(v, workflow.LeaderApprove, l.t("分管领导意见")))
	if v.ChiefToo() {
		out = append(out, l.sign(v, workflow.ChiefApprove, l.t("主要领导审批")))
	}
	return out
}

// reviewed is the reviewer's opinion, with the four conclusions of the form.
func (l *lens) reviewed(v *workflow.View) Sign {
	s := l.sign(v, workflow.SecrecyPass, l.t("保密审查意见"))
	refused := l.sign(v, workflow.SecrecyReject, s.Field)
	if refused.Name != "" {
		s = refused
	}
	edited := v.Item.Round > 1 && s.Name != "" && refused.Name == ""
	s.Boxes = []Option{
		{Text: l.t("可以公开"), Chosen: s.Name != "" && refused.Name == "" && !edited},
		{Text: l.t("修改后公开"), Chosen: edited},
		{Text: l.t("不予公开"), Chosen: refused.Name != ""},
		{Text: l.t("需报审")},
	}
	return s
}

// sign is the newest decision of an event in the present round.
func (l *lens) sign(v *workflow.View, e workflow.Event, field string) Sign {
	s := Sign{Field: field}
	for _, d := range slices.Backward(v.Decisions) {
		if d.Event != e || d.Digest != v.Item.Digest && d.Round != v.Item.Round {
			continue
		}
		s.Opinion, s.Name, s.At, s.Revision = d.Opinion, d.Name, l.when(d.At), d.Revision
		if d.Reason != "" {
			s.Opinion = l.ReasonCode(d.ReasonCode) + l.t("：") + d.Reason
		}
		if d.OnBehalf != "" {
			s.Name += l.t("（代 {0}）", d.BehalfName)
		}
		return s
	}
	return s
}

// afterwards is what became of it after publishing.
func (l *lens) afterwards(v *workflow.View) string {
	var out []string
	for _, e := range []workflow.Event{workflow.Suspend, workflow.ConfirmTakedown} {
		for _, d := range v.Decisions {
			if d.Event == e {
				out = append(out, fmt.Sprintf("%s %s %s %s", l.Event(e), d.Name, l.when(d.At), d.Reason))
			}
		}
	}
	for _, x := range l.shows(v) {
		out = append(out, x.Name+" "+x.State)
	}
	return strings.Join(out, l.t("；"))
}
