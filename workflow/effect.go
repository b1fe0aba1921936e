package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"qingyang/review"
)

// effect adds to a change what a rule does besides moving the item.
type effect func(in input, ch *Change)

// alike says that two findings are the same words under the same rule: they are disposed together.
func (f Finding) alike(g Finding) bool {
	return f.Rule == g.Rule && f.Text == g.Text && f.Level == g.Level
}

func scanJob(_ input, ch *Change) {
	ch.Jobs = append(ch.Jobs, ScanJob{Item: ch.Item.ID, Revision: ch.Item.Revision, Round: ch.Item.Round})
}

// found adds what a scan found. Findings only accumulate; an identical one keeps its verdict, but a raised level or a new
// contest asks again.
func found(in input, ch *Change) {
	ch.Scan = in.m.scan
	for _, f := range in.m.found {
		old, ok := in.c.finding(f.ID)
		f.Contest = in.c.Revision.contested(f)
		if ok && old.Level == f.Level && old.Contest == f.Contest {
			continue
		}
		ch.Findings = append(ch.Findings, f)
	}
}

// flagRecall adds what is new in a published item, above hint, as found after publication.
func flagRecall(in input, ch *Change) {
	ch.Scan = in.m.scan
	for _, f := range in.m.found {
		old, ok := in.c.finding(f.ID)
		if f.Level == review.Hint || ok && (old.Level == f.Level || old.Level == review.Block) {
			continue
		}
		f.After = true
		ch.Findings = append(ch.Findings, f)
	}
}

// clearRecall disposes everything that was found after publication with one reason.
func clearRecall(in input, ch *Change) {
	for _, f := range in.c.Findings {
		if f.After && f.Open() {
			f.Verdict, f.Reason, f.By, f.ByName, f.At = Accept, in.m.Reason, in.a.ID, in.a.Name, in.now
			ch.Findings = append(ch.Findings, f)
		}
	}
}

// contested returns the author's reason why f is false, or "".
func (r Revision) contested(f Finding) string {
	for _, c := range r.Contests {
		if c.Rule == f.Rule && c.Text == f.Text {
			return c.Reason
		}
	}
	return ""
}

func dispose(in input, ch *Change) {
	target, _ := in.c.finding(in.m.finding)
	for _, f := range in.c.Findings {
		if !f.alike(target) {
			continue
		}
		seconding := f.Contest != "" && f.Verdict == Accept && in.m.verdict == Accept && f.By != in.a.ID
		if seconding {
			f.Second, f.SecondName = in.a.ID, in.a.Name
		} else {
			f.Verdict, f.Reason, f.By, f.ByName, f.At = in.m.verdict, in.m.Reason, in.a.ID, in.a.Name, in.now
			f.Second, f.SecondName = "", ""
		}
		ch.Findings = append(ch.Findings, f)
	}
	proposePhrase(in, target, ch)
}

// proposePhrase carries a hit that is no hit to the keepers of the library: what the reviewer found to be ordinary words is
// proposed as an allow phrase.
func proposePhrase(in input, f Finding, ch *Change) {
	if in.m.phrase == "" || in.m.verdict != Accept || f.Kind != review.Term {
		return
	}
	p := Proposal{Petition: petitioned(in.a, in.m.Reason, in.now), Item: in.c.Item.ID, Finding: f.ID}.withChanges([]LibraryChange{{Op: Allow, Term: Term{Text: in.m.phrase}}})
	ch.Proposal = &p
}

func number(in input, ch *Change) { ch.Series = in.m.series }

func packJob(_ input, ch *Change) {
	ch.Jobs = append(ch.Jobs, PackJob{Item: ch.Item.ID, Digest: ch.Item.Digest})
}

func show(in input, ch *Change) {
	for _, w := range in.c.Revision.Content.Channels {
		ch.Wants = append(ch.Wants, Want{w.ID, in.c.Item.Digest})
		ch.Jobs = append(ch.Jobs, DeliverJob{in.c.Item.ID, w.ID})
	}
}

func hide(in input, ch *Change) {
	for _, d := range in.c.Deliveries {
		ch.Wants = append(ch.Wants, Want{d.Channel, ""})
		ch.Jobs = append(ch.Jobs, DeliverJob{in.c.Item.ID, d.Channel})
	}
}

// malware is the type of a finding that can't be contested.
const malware = "malware"

// newFinding gives f its identity within a revision: rule, part, span and words.
func newFinding(f review.Finding, revision int) Finding {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d\x00%s", f.Rule, f.Part, f.Start, f.End, f.Text))
	return Finding{ID: hex.EncodeToString(h[:8]), Finding: f, Revision: revision}
}

// openAfter counts the findings without verdict as they will be after ch.
func openAfter(c *Case, ch Change) int {
	all := c.Findings
	if ch.Revision != nil && ch.Revision.N != c.Item.Revision {
		all = nil
	}
	n := 0
	for _, f := range all {
		if !slices.ContainsFunc(ch.Findings, func(g Finding) bool { return g.ID == f.ID }) && f.Open() {
			n++
		}
	}
	for _, f := range ch.Findings {
		if f.Open() {
			n++
		}
	}
	return n
}
