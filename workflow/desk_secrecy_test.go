package workflow

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// twoOfficers: nothing was opened, closed or destroyed by one secrecy officer alone.
// Mutants: otherThanProposer dropped anywhere; proposal that forgets which event it is.
func (w *world) twoOfficers(t *rapid.T, c *Case) {
	for i, d := range c.Decisions {
		want, ok := map[Event]Event{ConfirmVerdict: ProposeVerdict, ConfirmUnseal: ProposeUnseal, ConfirmDisposal: ProposeDisposal}[d.Event]
		if !ok {
			continue
		}
		if i == 0 || c.Decisions[i-1].Event != want || c.Decisions[i-1].Person == d.Person || c.Decisions[i-1].Round != d.Round {
			t.Fatalf("item %d: %s by %s after %+v", c.Item.ID, d.Event, d.Person, c.Decisions[max(0, i-1)])
		}
	}
}

func referring(m *Move) { m.Terms = askedTerms(Refer) }

func answering(result string) func(*Move) {
	return func(m *Move) { m.Terms = Terms{Result: result, ReplyNo: "复〔2026〕1号"} }
}

// TestRefer: closed to all but the secrecy officers until two of them enter the answer; open: reviewed anew on the same text,
// and published in the end.
func TestRefer(t *testing.T) {
	for from, n := range map[string]int{"qian": 2, "sun": 3} {
		w, before := walked(t, "<p>干净</p>", far(n))
		w.must(t, from, Refer, referring)
		c := w.now(t)
		if c.Item.State != Referred || c.Item.Round != before.Item.Round+1 || !slices.Equal(c.Audience, []string{"secrecy_officer"}) {
			t.Fatalf("%+v open to %v", c.Item, c.Audience)
		}
		for _, who := range []string{"wang", "chen", "qian", "sun", "feng"} {
			if _, err := w.desk.View(context.Background(), by(who), 1); !errors.Is(err, ErrMissing) {
				t.Errorf("%s still reads it: %v", who, err)
			}
		}
		reads := len(w.store.log)
		if _, err := w.desk.View(context.Background(), by("bai"), 1); err != nil || w.store.log[reads].Event != string(ReadSealed) {
			t.Errorf("a reading without a record: %v", err)
		}
		if want := (Calendar{}).Days(w.clock, 20); !c.Item.Due.Equal(want) {
			t.Errorf("due %s, want %s", c.Item.Due, want)
		}
		w.must(t, "bai", ProposeVerdict, answering(Open))
		w.must(t, "he", ConfirmVerdict)
		for _, who := range []string{"wang", "chen", "qian"} {
			if _, err := w.desk.View(context.Background(), by(who), 1); err != nil {
				t.Errorf("%s does not read it again: %v", who, err)
			}
		}
		for _, a := range []act{{"qian", SecrecyPass}, {"sun", LeaderApprove}, {"wu", Register}} {
			w.must(t, a.who, a.e)
			w.settle(t)
		}
		w.must(t, "wu", Publish)
		if rs := Unproven(w.now(t), newKeyed(), nil, w.clock); rs != nil {
			t.Errorf("published: %v", rs)
		}
	}
}

// TestDetermination: what the two officers enter decides where the item goes; each guard of it.
func TestDetermination(t *testing.T) {
	for name, tt := range map[string]struct {
		result string
		late   bool
		want   State
	}{"open": {Open, false, SecrecyReview}, "secret": {Secret, false, Sealed}, "unanswered": {Unanswered, true, Rejected}} {
		w, _ := walked(t, "<p>干净</p>", 2)
		w.must(t, "qian", Refer, referring)
		if err := w.do("bai", ConfirmVerdict); !slices.Equal(reasonsOf(err), []string{"not_proposed"}) {
			t.Errorf("%s, nothing proposed: %v", name, err)
		}
		if tt.late {
			if err := w.do("bai", ProposeVerdict, answering(tt.result)); !slices.Equal(reasonsOf(err), []string{"referral_waits"}) {
				t.Errorf("%s, too early: %v", name, err)
			}
			w.clock = w.clock.AddDate(0, 0, 29)
		}
		w.must(t, "bai", ProposeVerdict, answering(tt.result))
		if err := w.do("bai", ConfirmVerdict); !slices.Equal(reasonsOf(err), []string{"same_proposer"}) {
			t.Errorf("%s by the proposer: %v", name, err)
		}
		w.must(t, "he", ConfirmVerdict)
		if got := w.now(t).Item.State; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		e    Event
		who  string
		set  Terms
		want []string
	}{
		"nothing asked":   {Refer, "qian", Terms{}, []string{"missing", "missing", "missing"}},
		"half asked":      {Refer, "qian", Terms{Question: "问", Ground: "依据", LetterNo: "1\n2"}, []string{"reason_length", "too_long"}},
		"by the unit":     {Refer, "chen", askedTerms(Refer), []string{"role"}},
		"by a leader now": {Refer, "sun", askedTerms(Refer), nil}, // at the reviewer's step nobody else refers
	} {
		w, _ := walked(t, "<p>干净</p>", 2)
		err := w.do(tt.who, tt.e, func(m *Move) { m.Terms = tt.set })
		if got := reasonsOf(err); !slices.Equal(got, tt.want) || err == nil {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	w, _ := walked(t, "<p>干净</p>", 2)
	w.must(t, "qian", Refer, referring)
	for result, want := range map[string]string{"": "unknown_value", "perhaps": "unknown_value", Open: "missing"} {
		if err := w.do("bai", ProposeVerdict, func(m *Move) { m.Terms = Terms{Result: result} }); !slices.Equal(reasonsOf(err), []string{want}) {
			t.Errorf("%q: %v", result, err)
		}
	}
}

// TestUnseal: two officers, neither an author; reviewed anew, and the unit's word on the text still counts.
func TestUnseal(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.must(t, "qian", Seal)
	w.must(t, "bai", ProposeUnseal)
	if err := w.do("bai", ConfirmUnseal); !slices.Equal(reasonsOf(err), []string{"same_proposer"}) {
		t.Errorf("alone: %v", err)
	}
	if err := w.do("he", ConfirmDisposal); !slices.Equal(reasonsOf(err), []string{"not_proposed"}) {
		t.Errorf("something else than was proposed: %v", err)
	}
	w.must(t, "he", ConfirmUnseal)
	c := w.now(t)
	if c.Item.State != SecrecyReview || c.Item.Number != "" || !visible(by("wang"), c) || visible(by("sun"), c) {
		t.Errorf("%+v open to %v", c.Item, c.Audience)
	}
	w.must(t, "qian", SecrecyPass)
	w.must(t, "sun", LeaderApprove)
	w, _ = walked(t, "<p>干净</p>", 2)
	w.store.cases[1].Hands = append(w.store.cases[1].Hands, by("he").hands(AuthorDuty)...)
	attest(newKeyed(), w.store.cases[1])
	w.must(t, "qian", Seal)
	w.must(t, "bai", ProposeUnseal)
	if err := w.do("he", ConfirmUnseal); !slices.Equal(reasonsOf(err), []string{"persons"}) {
		t.Errorf("by an author: %v", err)
	}
}

// TestDisposal: files and texts are gone, digests and acts stay; only what nobody shows any more is disposed of.
func TestDisposal(t *testing.T) {
	w, _ := walked(t, "<p>机密</p>", far(len(way)))
	w.must(t, "qian", Seal)
	if err := w.do("bai", ProposeDisposal); !slices.Equal(reasonsOf(err), []string{"missing"}) {
		t.Errorf("without the paper's number: %v", err)
	}
	w.must(t, "bai", ProposeDisposal, func(m *Move) { m.Terms.ReplyNo = "移1" })
	w.store.cases[1].Deliveries[0].Have = "still"
	if err := w.do("he", ConfirmDisposal); !slices.Equal(reasonsOf(err), []string{"not_dark"}) {
		t.Errorf("while a channel shows it: %v", err)
	}
	w.store.cases[1].Deliveries[0].Have = ""
	job := PurgeJob{1}
	if err := w.desk.Purge(context.Background(), job); err != nil || w.store.cases[1].Revision.Content.Title == "" {
		t.Errorf("purged before it was decided: %v", err)
	}
	w.must(t, "he", ConfirmDisposal)
	before := w.now(t)
	if err := w.desk.Purge(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	c := w.now(t)
	if c.Revision.Content.BodyHTML != "" || len(w.store.deleted) != len(before.Revision.Renditions) || c.Item.Digest != before.Item.Digest || len(c.Decisions) != len(before.Decisions) {
		t.Errorf("%+v, %d files deleted", c.Item, len(w.store.deleted))
	}
	for _, e := range allEvents {
		if err := w.do("bai", e); err == nil {
			t.Errorf("a disposed item takes %s", e)
		}
	}
}

// TestDays counts working days over a weekend and a holiday.
func TestDays(t *testing.T) {
	cal := NewCalendar([]string{"2026-11-25"}, []string{"2026-11-29"})
	for n, want := range map[int]string{0: "2026-11-23 17:30", 1: "2026-11-24 17:30", 2: "2026-11-26 17:30", 4: "2026-11-29 17:30"} {
		if got := cal.Days(noon, n).In(Beijing).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%d days: %s, want %s", n, got, want)
		}
	}
}

// TestSecrecyList is for secrecy officers, with both ends of a referral's time.
func TestSecrecyList(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	if _, err := w.desk.Secrecy(context.Background(), by("qian")); !errors.Is(err, ErrMissing) {
		t.Errorf("for a reviewer: %v", err)
	}
}
