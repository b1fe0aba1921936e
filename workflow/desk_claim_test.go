package workflow

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// TestClaim: one works on it, the others wait; after a working day, a release or the step they don't.
// Mutants: claimedByOther dropped; Claimed without Until; fill that keeps the claim.
func TestClaim(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	w.must(t, "qian", TakeUp)
	for e, want := range map[Event]string{SecrecyPass: "claimed", Return: "claimed", RaiseClass: "claimed", TakeUp: "claimed", Release: "not_claimant"} {
		if err := w.do("zhao", e); !slices.Equal(reasonsOf(err), []string{want}) {
			t.Errorf("%s by another: %v, want %s", e, err, want)
		}
	}
	w.must(t, "qian", Release)
	w.must(t, "zhao", TakeUp)
	lapses := w.now(t).Item.Claim.Until
	if want := (Calendar{}).Add(w.clock, 7*time.Hour); !lapses.Equal(want) {
		t.Errorf("lapses %s, want %s", lapses, want)
	}
	w.clock = lapses.Add(-time.Second)
	if err := w.do("qian", SecrecyPass); !slices.Equal(reasonsOf(err), []string{"claimed"}) {
		t.Errorf("a second too early: %v", err)
	}
	w.clock = lapses
	w.must(t, "qian", SecrecyPass)
	if k := w.now(t).Item.Claim; k != nil {
		t.Errorf("the next step is claimed by %s", k.Name)
	}
}

// TestClaimRefused: only who could decide here takes it up.
func TestClaimRefused(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	for who, want := range map[string]string{"chen": "role", "wang": "role", "twin": "persons", "frozen": "frozen"} {
		if err := w.do(who, TakeUp); !slices.Contains(reasonsOf(err), want) {
			t.Errorf("%s: %v, want %s", who, err, want)
		}
	}
	if err := w.do("sun", TakeUp); !errors.Is(err, ErrMissing) {
		t.Errorf("a leader before the step: %v", err)
	}
	w, _ = walked(t, "<p>干净</p>", 4)
	if err := w.do("wu", TakeUp); !errors.Is(err, ErrIllegal) {
		t.Errorf("where there is no review: %v", err)
	}
}

// TestSecondVerdictInSpiteOfClaim: a contested finding needs two reviewers, whoever works on the item.
func TestSecondVerdictInSpiteOfClaim(t *testing.T) {
	w, c := walked(t, "<p>见57365</p>", 1)
	w.must(t, "wang", Submit, func(m *Move) { m.Contest = []Contest{{c.Findings[0].ID, "是路牌号码"}} })
	w.settle(t)
	w.must(t, "chen", UnitPass)
	w.must(t, "qian", TakeUp)
	for _, who := range []string{"qian", "zhao"} {
		c := w.now(t)
		if _, err := w.desk.Dispose(context.Background(), by(who), 1, c.Item.Version, c.Findings[0].ID, Accept, "确是路牌"); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	w.must(t, "qian", SecrecyPass)
}

// TestRemind: both names are on the log, by name where one works on it; not again within the hour; gone with the step.
// Mutant: remind without the holder.
func TestRemind(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	last := func() string { return w.store.log[len(w.store.log)-1].Detail["reminded"] }
	w.must(t, "wang", Remind)
	if got := last(); got != "reviewer" {
		t.Errorf("reminded %q", got)
	}
	if err := w.do("chen", Remind); !slices.Equal(reasonsOf(err), []string{"reminded"}) {
		t.Errorf("at once again: %v", err)
	}
	w.must(t, "qian", TakeUp)
	w.clock = w.clock.Add(time.Hour)
	w.must(t, "chen", Remind)
	if got := last(); got != "qian qian" {
		t.Errorf("reminded %q", got)
	}
	if r := w.now(t).Item.Reminder; r == nil || r.Name != "chen" {
		t.Errorf("the holder sees %v", r)
	}
	if err := w.do("zhao", Remind); !slices.Equal(reasonsOf(err), []string{"role"}) && !slices.Equal(reasonsOf(err), []string{"reminded"}) {
		t.Errorf("by a reviewer: %v", err)
	}
	w.must(t, "qian", SecrecyPass)
	if r := w.now(t).Item.Reminder; r != nil {
		t.Errorf("the next holder sees %v", r)
	}
}
