package workflow

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
)

var update = flag.Bool("update", false, "rewrite golden files")

var allStates = []State{
	Draft, Scanning, UnitCheck, SecrecyReview, Countersign, Referred, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled, Published, Suspended,
	Returned, Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired, Sealed, Disposed,
}

var allEvents = []Event{
	Edit, Attach, Detach, Dispose, Submit, ScanClear, ScanReturn, Recall, Cancel, UnitPass, TakeUp, Release, Remind, Reassign, AskCountersign, Cosign, DropCountersign, RaiseClass, Refer, ProposeVerdict, ConfirmVerdict, ProposeUnseal, ConfirmUnseal, ProposeDisposal, ConfirmDisposal, SecrecyPass, SecrecyReject,
	LeaderApprove, ChiefApprove, Return, Deny, Rescan, Register, Schedule, Unschedule, Publish, Suspend, ConfirmTakedown, Reinstate, Amend, Twin, Supersede, Follow, AskWithdraw, ApproveWithdraw, Withdraw, Expire, Seal, FlagRecall,
	ClearRecall,
}

var allRoles = []Role{
	Drafter, UnitHead, Reviewer, Countersigner, Leader, Chief, Publisher, DeviceKeeper, SecrecyOfficer, DutyOfficer,
	SecurityAdmin, Auditor, System,
}

// TestOneDestination: looplab/fsm keeps the last of several destinations without a word, so no case may have two.
// Mutant: drop withoutUnitStep from the second scan_clear.
func TestOneDestination(t *testing.T) {
	for _, s := range allStates {
		for _, e := range allEvents {
			for _, unit := range []bool{true, false} {
				for _, class := range []Class{Ordinary, Important} {
					for _, fs := range [][]Finding{nil, {{ID: "n", Finding: review.Finding{Level: review.Ask}}}} {
						for _, result := range []string{"", Agree, Dissent} {
							c := &Case{Item: Item{State: s, Class: class}, Route: Route{UnitStep: unit}}
							if rs := applicable(c, Move{Event: e, found: fs, Terms: Terms{Result: result}}); len(rs) > 1 {
								t.Errorf("%s from %s (unit step %v, %s, %d new, %q): %d rules hold", e, s, unit, class, len(fs), result, len(rs))
							}
						}
					}
				}
			}
		}
	}
}

// trusting signs and verifies anything; signatures have tests of their own.
type trusting struct{}

func (trusting) Key() string                        { return "k" }
func (trusting) Sign([]byte) (string, string)       { return "k", "s" }
func (trusting) Verify(string, []byte, string) bool { return true }

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func someone(name string, gs ...Grant) Actor {
	return Actor{Person: Person{ID: name, Name: name, Unit: "a", Keys: []string{"id:" + name, "emp:" + name}}, Grants: gs}
}

func withRole(r Role) Actor {
	switch r {
	case Drafter: // the author
		return someone("author", Grant{Drafter, "a"})
	case System:
		return systemActor
	case UnitHead, Leader:
		return someone(string(r), Grant{r, "a"})
	case Publisher:
		return someone(string(r), Grant{r, "portal"})
	case Reviewer, Countersigner, Chief, DeviceKeeper, SecrecyOfficer, DutyOfficer, SecurityAdmin, Auditor:
	}
	return someone(string(r), Grant{r, ""})
}

// ripe returns a case in state s for which every guard of every event is satisfied, as far as they can be at once.
func ripe(s State, class Class, unitStep bool) *Case {
	ended := noon.Add(-time.Hour)
	c := &Case{
		Item: Item{
			ID: 1, Version: 9, State: s, Revision: 1, Round: 2, Class: class, Unit: "a", Author: "author", Title: "t", Column: "notice",
			Number: "N", Pack: "p", Route: "r@1",
		},
		Route: Route{ID: "r", Version: 1, Unit: "a", UnitStep: unitStep},
		Scan:  Scan{Revision: 1, Library: "lib"},
	}
	c.Revision = Revision{N: 1, Content: Content{
		Title: "t", BodyHTML: "正文", Disclosure: Disclosure{Kind: "active"}, Class: class, Column: "notice",
		SelfCheck: SelfCheck{true, true, true, true, true}, Channels: []Window{{ID: "portal"}},
	}}
	if s == Published {
		c.Revision.Content.Channels[0].Until = &ended // so that expire is possible
	}
	c.Item.Digest = NewManifest(c.Item, c.Revision).Digest()
	c.Hands = withRole(Drafter).hands(AuthorDuty)
	for _, e := range []Event{Submit, UnitPass, SecrecyPass, LeaderApprove, ChiefApprove, Register, Publish} {
		c.Decisions = append(c.Decisions, Decision{
			Item: 1, Event: e, Revision: 1, Round: 2, Digest: c.Item.Digest, Person: "p-" + string(e), At: noon.Add(-time.Hour), Sig: "s",
		})
	}
	c.Findings = []Finding{{ID: "f", Finding: review.Finding{Level: review.Block}, Verdict: Accept}}
	if s == Published { // so that clear_recall is possible; it stands in the way of nothing else
		c.Findings = append(c.Findings, Finding{ID: "late", Finding: review.Finding{Level: review.Block}, After: true})
	}
	return c
}

func asked1(c *Case, e Event) Move {
	return Move{
		Item: 1, Version: 9, Digest: c.Item.Digest, Event: e, Opinion: "同意", Reason: "理由", ReasonCode: "other", finding: "f", verdict: Accept,
		library: "lib", series: "S", Terms: askedTerms(e),
		named: []Actor{someone("signer", Grant{Countersigner, ""}), someone("heir", Grant{Drafter, "a"})},
	}
}

// askedTerms are terms that every guard of e accepts.
func askedTerms(e Event) Terms {
	soon := noon.Add(time.Hour)
	switch string(e) {
	case string(Schedule):
		return Terms{At: &soon}
	case string(AskWithdraw):
		return Terms{Notice: NoticeReason}
	case string(AskCountersign):
		return Terms{Persons: []string{"signer"}}
	case string(Cosign):
		return Terms{Result: Agree}
	case string(Reassign):
		return Terms{To: "heir"}
	case string(Twin):
		return Terms{Passages: []string{"正文"}, Mode: Mask}
	case string(Refer):
		return Terms{Question: "是否涉密", Ground: "事项范围", LetterNo: "请〔2026〕1号"}
	case string(ProposeVerdict):
		return Terms{Result: Open, ReplyNo: "复〔2026〕1号"}
	case string(ProposeDisposal):
		return Terms{ReplyNo: "移〔2026〕1号"}
	default:
		return Terms{}
	}
}

// readied adds to c the decisions that e answers.
func readied(c *Case, e Event) *Case {
	if e == Release {
		c.Item.Claim = &Claim{Person: string(c.Item.State), Until: noon.Add(time.Hour)}
	}
	if c.Item.State == Countersign {
		c.Decisions = append(c.Decisions, Decision{Event: AskCountersign, Terms: Terms{Persons: []string{string(Countersigner)}}})
	}
	before := map[Event][]Event{ApproveWithdraw: {AskWithdraw}, Withdraw: {AskWithdraw, ApproveWithdraw}}
	if p := answersTo[e]; p != "" {
		before[e] = []Event{p}
	}
	for _, b := range before[e] {
		c.Decisions = append(c.Decisions, Decision{
			Item: 1, Event: b, Revision: 1, Round: c.Item.Round, Digest: c.Item.Digest, Person: "p-" + string(b), At: noon, Sig: "s", Terms: askedTerms(b),
		})
	}
	return c
}

func outcome(d *Desk, c *Case, a Actor, e Event) string {
	attest(d.Signer, c)
	ch, err := d.decide(context.Background(), a, asked1(c, e), c, Setup{})
	switch {
	case err == nil:
		got := string(ch.Item.State)
		if ch.Item.Round > c.Item.Round {
			got += " +round"
		}
		if ch.Void {
			got += " +void"
		}
		return got
	default:
		return strings.Join(refusal(ch.Record, err).Reasons, "; ")
	}
}

// TestMatrix holds state × event × role against the golden table, for both classes and both routes.
func TestMatrix(t *testing.T) {
	d := &Desk{Parts: Parts{Signer: trusting{}, Now: func() time.Time { return noon }}}
	var b strings.Builder
	for _, s := range allStates {
		for _, e := range allEvents {
			lines := map[string][]string{}
			var order []string
			for _, r := range allRoles {
				for _, kind := range []string{"", " important", " without unit step"} {
					class := Ordinary
					if kind == " important" {
						class = Important
					}
					got := outcome(d, readied(ripe(s, class, kind != " without unit step"), e), withRole(r), e)
					if _, ok := lines[got]; !ok {
						order = append(order, got)
					}
					if !slices.Contains(lines[got], string(r)) {
						lines[got] = append(lines[got], string(r))
					}
				}
			}
			for _, got := range order {
				if got != "illegal" {
					fmt.Fprintf(&b, "%-16s %-17s %-40s %s\n", s, e, got, strings.Join(lines[got], " "))
				}
			}
		}
	}
	golden(t, "testdata/matrix.golden", b.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the table says; look at the difference and run the test with -update", file)
	}
}

// picture draws the table as a Mermaid state diagram.
func picture() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> draft: create\n")
	for _, r := range rules {
		if r.To == "" {
			continue
		}
		if len(r.From) == len(notSealed) {
			fmt.Fprintf(&b, "    any --> %s: %s\n", r.To, r.Event)
			continue
		}
		for _, s := range r.From {
			label := string(r.Event)
			if r.When.Name != "" {
				label += " (" + r.When.Name + ")"
			}
			fmt.Fprintf(&b, "    %s --> %s: %s\n", s, r.To, label)
		}
	}
	b.WriteString("```\n")
	return b.String()
}

const (
	pictureBegin = "<!-- states:begin -->\n"
	pictureEnd   = "<!-- states:end -->"
)

// TestPicture keeps ARCHITECTURE.md's state picture equal to the table.
func TestPicture(t *testing.T) {
	const file = "../ARCHITECTURE.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), pictureBegin)
	_, after, ok2 := strings.Cut(rest, pictureEnd)
	if !ok || !ok2 {
		t.Fatal("ARCHITECTURE.md has no place for the state picture")
	}
	want := before + pictureBegin + picture() + pictureEnd + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(b) != want {
		t.Error("the state picture is older than the table: run the test with -update")
	}
}
