package workflow

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"qingyang/review"
)

// input is all that a guard may look at. Guards are pure.
type input struct {
	c      *Case
	a      Actor
	m      Move
	now    time.Time
	signer Signer
	whole  bool // the rows are those that were signed
}

type guard func(input) []Reason

// maxApproval is how long an approval may wait for its publication, maxStandby that of a text approved beforehand.
const (
	maxApproval = 30 * 24 * time.Hour
	maxStandby  = 365 * 24 * time.Hour
)

func why(ok bool, code string, args ...string) []Reason {
	if ok {
		return nil
	}
	return []Reason{{Code: code, Args: args}}
}

// played reports whether a has played d in c.
func (c *Case) played(a Actor, d Duty) bool {
	return slices.ContainsFunc(c.hands(), func(h Hand) bool { return h.Duty == d && slices.Contains(a.Keys, h.Key) })
}

func isAuthor(in input) []Reason { return why(in.c.played(in.a, AuthorDuty), "not_author") }

func isAuthorOrHead(in input) []Reason {
	return why(in.c.played(in.a, AuthorDuty) || in.a.Has(UnitHead, in.c.Item.Unit), "not_author")
}

// complete is what the form asks before it may leave the author's hands.
func complete(in input) []Reason {
	c := in.c.Revision.Content
	s := c.SelfCheck
	rs := why(c.Disclosure.Kind == "active", "disclosure_not_active")
	rs = append(rs, why(s.NoSecret && s.NoSensitive && s.PrivacyMasked && s.ThirdParty && s.Accurate, "self_check")...)
	rs = append(rs, why(in.c.Route.ID != "", "route_missing")...)
	for i, w := range c.Channels {
		if w.Until != nil && !w.Until.After(in.now) {
			rs = append(rs, Reason{Code: "until_past", Field: "channels[" + strconv.Itoa(i) + "].until", Args: []string{w.ID}})
		}
	}
	return rs
}

// contestable lets an author contest what sent the item back, never malware.
func contestable(in input) []Reason {
	if len(in.m.Contest) > maxFindings {
		return []Reason{{Code: "contest_unknown", Field: "contest"}}
	}
	var rs []Reason
	for i, ct := range in.m.Contest {
		field := "contest[" + strconv.Itoa(i) + "]"
		known := in.c.contestable()
		at := slices.IndexFunc(known, func(k Contested) bool { return k.Finding == ct.Finding })
		switch {
		case at < 0:
			rs = append(rs, Reason{Code: "contest_unknown", Field: field + ".finding"})
		case known[at].Type == malware:
			rs = append(rs, Reason{Code: "contest_never", Field: field + ".finding"})
		case !lengthOK(ct.Reason):
			rs = append(rs, Reason{Code: "reason_length", Field: field + ".reason"})
		}
	}
	return rs
}

// contestable returns what sent the item back: the auto-returning findings of this revision, or of the last one scanned.
func (c *Case) contestable() []Contested {
	if len(c.Findings) == 0 {
		return c.Revision.Contests
	}
	var out []Contested
	for _, f := range c.Findings {
		if f.AutoReturn {
			out = append(out, Contested{f.ID, f.Type, f.Rule, f.Part, f.Text, f.Why, f.Contest})
		}
	}
	return out
}

func (c *Case) finding(id string) (Finding, bool) {
	i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.ID == id })
	if i < 0 {
		return Finding{}, false
	}
	return c.Findings[i], true
}

func lengthOK(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 2 && n <= 500
}

func disposable(in input) []Reason {
	f, ok := in.c.finding(in.m.finding)
	if !ok {
		return []Reason{{Code: "finding_unknown"}}
	}
	rs := why(f.Level != review.Hint, "finding_hint")
	if in.m.verdict != MustChange && in.m.verdict != Accept {
		rs = append(rs, Reason{Code: "verdict_unknown", Field: "verdict"})
	}
	if !lengthOK(in.m.Reason) {
		rs = append(rs, Reason{Code: "reason_length", Field: "reason"})
	}
	return rs
}

func scanned(in input) []Reason {
	rs := why(in.c.Scan.Revision == in.c.Item.Revision && in.c.Scan.Library != "", "scan_missing")
	for _, a := range in.c.Revision.Attachments {
		switch in.c.FileScan(a) {
		case fileClean, fileOff:
		case fileInfected:
			rs = append(rs, Reason{Code: "attachment_infected", Args: []string{a.Name}})
		default:
			rs = append(rs, Reason{Code: "attachment_scanning", Args: []string{a.Name}})
		}
	}
	return rs
}

// findingsDone asks for a verdict on every finding. What a retro-scan found in a published item is a task for people: it
// takes nothing from the screens by itself.
func findingsDone(in input) []Reason {
	open, change := 0, 0
	for _, f := range in.c.Findings {
		if f.After && in.c.Item.State == Published {
			continue
		}
		if f.Open() {
			open++
		}
		if f.Verdict == MustChange && f.Level != review.Hint {
			change++
		}
	}
	return append(why(open == 0, "findings_open", strconv.Itoa(open)), why(change == 0, "must_change", strconv.Itoa(change))...)
}

// recalled asks that a retro-scan found something that nobody has judged.
func recalled(in input) []Reason {
	return why(slices.ContainsFunc(in.c.Findings, func(f Finding) bool { return f.After && f.Open() }), "recall_missing")
}

// signed returns the decision of e in the present round on the present digest.
func (c *Case) signed(e Event) (Decision, bool) {
	for _, d := range slices.Backward(c.Decisions) {
		if d.Event == e && d.Item == c.Item.ID && d.Round == c.Item.Round && d.Digest == c.Item.Digest && d.Revision == c.Item.Revision {
			return d, true
		}
	}
	return Decision{}, false
}

// SigningBytes is what a decision's signature covers: all of it but the signature.
func (d Decision) SigningBytes() []byte {
	d.Sig = ""
	d.At = d.At.UTC()
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings, integers and times only
	}
	return b
}

// needed lists the decisions without which c may not be shown, in order.
func (c *Case) needed() []Event {
	es := []Event{Submit}
	if c.Route.UnitStep {
		es = append(es, UnitPass)
	}
	es = append(es, SecrecyPass, LeaderApprove)
	if c.ChiefToo() {
		es = append(es, ChiefApprove)
	}
	return es
}

// unsigned says which decisions up to the leader's are missing or do not verify.
func unsigned(in input, events []Event) []Reason {
	var rs []Reason
	for _, e := range events {
		d, ok := in.c.counted(e)
		switch {
		case !ok:
			rs = append(rs, Reason{Code: "unsigned", Args: []string{string(e)}})
		case !in.signer.Verify(d.Key, d.SigningBytes(), d.Sig):
			rs = append(rs, Reason{Code: "signature", Args: []string{string(e)}})
		}
	}
	return rs
}

// passed holds before a leader signs: what came before must be whole.
func passed(in input) []Reason {
	es := in.c.needed()
	return unsigned(in, es[:slices.Index(es, SecrecyPass)+1])
}

// approved is everything that must be true of an item before the public may see it, apart from where and when.
func approved(in input) []Reason {
	c := in.c
	rs := why(NewManifest(c.Item, c.Revision).Digest() == c.Item.Digest, "digest")
	rs = append(rs, unsigned(in, c.needed())...)
	rs = append(rs, why(separate(c.hands()) && c.different(), "persons")...)
	rs = append(rs, scanned(in)...)
	rs = append(rs, findingsDone(in)...)
	rs = append(rs, why(c.Revision.Content.Disclosure.Kind == "active", "disclosure_not_active")...)
	return append(rs, why(c.approvalHolds(in.now), "approval_expired")...)
}

// approvalHolds asks of the moment of publishing, or of now while that has not come.
func (c *Case) approvalHolds(now time.Time) bool {
	end, ok := c.approvalEnds()
	if p, done := c.signed(Publish); done {
		now = p.At
	}
	return ok && !now.After(end)
}

// approvalEnds returns until when the last approval holds; false while it is missing.
func (c *Case) approvalEnds() (time.Time, bool) {
	d, ok := c.signed(c.needed()[len(c.needed())-1])
	if c.Revision.Content.Standby {
		return d.At.Add(maxStandby), ok
	}
	return d.At.Add(maxApproval), ok
}

// separate reports whether no key has two duties.
func separate(hs []Hand) bool {
	seen := map[string]Duty{}
	for _, h := range hs {
		if d, ok := seen[h.Key]; ok && d != h.Duty {
			return false
		}
		seen[h.Key] = h.Duty
	}
	return true
}

// different reports whether the signed decisions of this round were made by a different person for each duty. It asks the
// signatures, where separate asks the database.
func (c *Case) different() bool {
	var hs []Hand
	ds := slices.DeleteFunc(slices.Clone(c.Decisions), func(d Decision) bool {
		return d.Round != c.Item.Round || d.Digest != c.Item.Digest || d.Duty == ""
	})
	for _, e := range c.needed() {
		if d, ok := c.counted(e); ok {
			ds = append(ds, d)
		}
	}
	for _, d := range ds {
		hs = append(hs, Hand{d.Person, d.Duty})
		if d.OnBehalf != "" {
			hs = append(hs, Hand{d.OnBehalf, d.Duty})
		}
	}
	return separate(hs)
}

// lastWord reports whether nobody decided anything after publishing: a takedown outlasts whatever the row of the item says.
// It goes by what the signatures cover, round and time, and not by the order of rows.
// Whoever cleared a recall or asked for a withdrawal, signed, on these very bytes, did not take them down.
func (c *Case) lastWord(s Signer) bool {
	p, ok := c.signed(Publish)
	return ok && !slices.ContainsFunc(c.Decisions, func(d Decision) bool {
		stays := slices.Contains(staying, d.Event) && d.Item == c.Item.ID && d.Round == c.Item.Round && d.Digest == c.Item.Digest &&
			s.Verify(d.Key, d.SigningBytes(), d.Sig)
		return !stays && (d.Round > c.Item.Round || d.At.After(p.At))
	})
}

// wasSeen reports whether the item ever left its author's hands: by its submission, or by a sealing that reviewers opened again.
func (c *Case) wasSeen() bool {
	return slices.ContainsFunc(c.Decisions, func(d Decision) bool { return d.Event == Submit || d.Event == RaiseClass })
}

func archived(in input) []Reason {
	return append(why(in.c.Item.Number != "", "unregistered"), why(in.c.Item.Pack != "", "archive_pending")...)
}

func unsettled(in input) []Reason {
	var rs []Reason
	for _, d := range in.c.Deliveries {
		if d.Want != d.Have {
			rs = append(rs, Reason{Code: "not_dark", Args: []string{d.Channel}})
		}
	}
	return rs
}

func inWindow(in input) []Reason {
	var rs []Reason
	open := false
	for _, w := range in.c.Revision.Content.Channels {
		if w.From != nil && in.now.Before(*w.From) {
			rs = append(rs, Reason{Code: "too_early", Args: []string{w.ID}})
		}
		open = open || w.Until == nil || in.now.Before(*w.Until)
	}
	return append(rs, why(open, "window_over")...)
}

func fresh(in input) []Reason { return why(in.m.library == in.c.Scan.Library, "scan_stale") }

func otherThanSuspender(in input) []Reason {
	for _, d := range slices.Backward(in.c.Decisions) {
		if d.Event == Suspend {
			return why(d.Person != in.a.ID, "same_person")
		}
	}
	return nil
}

func dark(in input) []Reason {
	var rs []Reason
	for _, d := range in.c.Deliveries {
		if d.Have != "" {
			rs = append(rs, Reason{Code: "not_dark", Args: []string{d.Channel}})
		}
	}
	return rs
}

func over(in input) []Reason {
	for _, w := range in.c.Revision.Content.Channels {
		if w.Until == nil || in.now.Before(*w.Until) {
			return []Reason{{Code: "window_open", Args: []string{w.ID}}}
		}
	}
	return nil
}

// Unproven returns everything that forbids showing c, apart from channel and window; nil means that it is proven. It trusts
// nothing but what it recomputes: digest, signatures, persons, the rows against the record of the act that left them so,
// and what this host has seen happen since.
func Unproven(c *Case, s Signer, seen *Seen, now time.Time) []Reason {
	in := input{c: c, now: now, signer: s}
	rs := append(why(c.Item.State == Published, "state"), approved(in)...)
	rs = append(rs, why(c.lastWord(s), "taken_down")...)
	rs = append(rs, archived(in)...)
	rs = append(rs, unsigned(in, []Event{Register, Publish})...)
	if len(rs) == 0 { // else they say already what is wrong
		rs = append(why(c.genuine(s), "rows_changed"), why(!c.outdated(seen), "taken_down")...)
	}
	return rs
}

// outdated reports whether an approval that c leans on ended, as this host remembers, with something that c knows nothing of.
func (c *Case) outdated(seen *Seen) bool {
	return slices.ContainsFunc([]Event{SecrecyPass, LeaderApprove, ChiefApprove}, func(e Event) bool {
		d, ok := c.signed(e)
		return ok && seen.After(itemSubject(c.Item.ID), d.At)
	})
}

// news reports whether a scan found what no one has judged yet: a block or ask finding that is new or was raised.
func news(c *Case, m Move) bool {
	return slices.ContainsFunc(m.found, func(f Finding) bool {
		old, ok := c.finding(f.ID)
		return f.Level != review.Hint && (!ok || old.Level != f.Level && old.Level != review.Block)
	})
}
