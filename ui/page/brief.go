package page

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Brief is all that a signature rests on, short enough for one screen of a phone.
type Brief struct {
	Outlets  []BriefOutlet
	Since    string // what the changes are counted from; empty if nobody signed before
	Changes  []Compared
	Unsaid   int // changed paragraphs beyond those shown
	DiffHref string
	Accepted []BriefFinding
	Passed   []Step
}

// BriefOutlet is a channel, or several that show the same, with the window and the exact words. Body says that the text
// itself is shown.
type BriefOutlet struct {
	Name, Window, Text string
	Body               string
}

// BriefFinding is what the check found and a reviewer let stand.
type BriefFinding struct{ Text, Kind, Reason, By string }

// maxChanges is how many changed paragraphs a brief shows; the comparison shows all.
const maxChanges = 4

// brief returns what a leader needs to sign, nil where no approval is asked for.
func (p *Pages) brief(ctx context.Context, l *lens, v *workflow.View) (*Brief, error) {
	signs := func(o workflow.Offer) bool {
		return o.Event == workflow.LeaderApprove || o.Event == workflow.ChiefApprove
	}
	if !slices.ContainsFunc(v.Offers, signs) {
		return nil, nil
	}
	b := &Brief{Outlets: l.briefOutlets(v), Passed: l.passed(v)}
	for _, f := range v.Findings {
		if f.Verdict == workflow.Accept {
			by := f.ByName
			if f.SecondName != "" {
				by += l.t("、") + f.SecondName
			}
			b.Accepted = append(b.Accepted, BriefFinding{f.Text, l.kind(f.Finding), f.Reason, by})
		}
	}
	last := lastSigned(v)
	if last == nil {
		return b, nil
	}
	old, err := p.Desk.RevisionOf(ctx, l.a, v.Item.ID, last.Revision)
	if err != nil {
		return nil, err
	}
	b.Since = l.t("{0} {1}（第 {2} 版）", last.Name, l.Event(last.Event), last.Revision)
	b.DiffHref = fmt.Sprintf("%s/diff?a=%d&b=%d", itemPath(v.Item.ID), last.Revision, v.Item.Revision)
	b.Changes, b.Unsaid = fewChanges(l.difference(old, v.Revision))
	return b, nil
}

// lastSigned is the newest decision of a leader on an earlier revision, nil if there is none.
func lastSigned(v *workflow.View) *workflow.Decision {
	for i, d := range slices.Backward(v.Decisions) {
		if (d.Role == workflow.Leader || d.Role == workflow.Chief) && d.Revision < v.Item.Revision {
			return &v.Decisions[i]
		}
	}
	return nil
}

func (l *lens) briefOutlets(v *workflow.View) []BriefOutlet {
	c := v.Revision.Content
	n := utf8.RuneCountInString(compare.Text(c.BodyHTML))
	var out []BriefOutlet
	for _, w := range c.Channels {
		o := BriefOutlet{Name: l.channel(w.ID), Window: l.window(w), Text: w.Text}
		switch {
		case w.Text != "":
		case l.channelOf(w.ID).Kind == workflow.LED:
			o.Text = c.Title
		default:
			o.Body = l.t("标题、正文 {0} 字、附件 {1} 个", n, len(v.Revision.Attachments))
		}
		same := func(x BriefOutlet) bool { return x.Window == o.Window && x.Text == o.Text && x.Body == o.Body }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].Name += l.t("、") + o.Name
			continue
		}
		out = append(out, o)
	}
	return out
}

// passed is who passed the item in the present round.
func (l *lens) passed(v *workflow.View) []Step {
	var out []Step
	for _, d := range v.Decisions {
		if d.Round == v.Item.Round && d.Event != workflow.Submit {
			out = append(out, Step{Who: d.Name, Post: l.Role(d.Role), Act: l.Event(d.Event), Opinion: d.Opinion, Line: l.when(d.At)})
		}
	}
	return out
}

// fewChanges keeps the paragraphs that differ, and counts those beyond maxChanges.
func fewChanges(all []Compared) (few []Compared, more int) {
	n := 0
	for _, s := range all {
		kept := Compared{Name: s.Name}
		for _, para := range s.Paragraphs {
			differs := slices.ContainsFunc(para, func(x Piece) bool { return x.Kind != compare.Same })
			switch {
			case !differs:
			case n == maxChanges:
				more++
			default:
				kept.Paragraphs = append(kept.Paragraphs, para)
				n++
			}
		}
		if len(kept.Paragraphs) > 0 {
			few = append(few, kept)
		}
	}
	return few, more
}

// meant is the move that a link named beforehand: taking down is one click away from every list of what is on air.
func meant(c *gate.Call) workflow.Event {
	for _, e := range []workflow.Event{workflow.Suspend, workflow.Schedule} {
		if c.QueryParam("do") == string(e) {
			return e
		}
	}
	return ""
}
