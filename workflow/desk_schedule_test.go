package workflow

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// terms draws what e asks for; mostly something that would be accepted.
func (w *world) terms(t *rapid.T, e Event) Terms {
	switch string(e) {
	case string(Schedule):
		at := w.clock.Add(time.Duration(rapid.IntRange(-1, 20*24).Draw(t, "at")) * time.Hour)
		return Terms{At: &at}
	case string(AskWithdraw):
		return Terms{Notice: rapid.SampledFrom(Notices[:2]).Draw(t, "notice")}
	case string(AskCountersign):
		return Terms{Persons: rapid.SampledFrom([][]string{{"ma"}, {"ma", "mu"}, {"ma", "ma"}, {"qian"}, nil}).Draw(t, "signers")}
	case string(Cosign):
		return Terms{Result: rapid.SampledFrom([]string{Agree, Agree, Dissent, "perhaps"}).Draw(t, "answer")}
	case string(Refer):
		return askedTerms(e)
	case string(Twin):
		return Terms{Passages: []string{rapid.SampledFrom([]string{"电话", "干净", "没有的"}).Draw(t, "passage")}, Mode: rapid.SampledFrom(Modes).Draw(t, "mode")}
	case string(ProposeVerdict):
		return Terms{Result: rapid.SampledFrom([]string{Open, Secret, Unanswered, ""}).Draw(t, "verdict"), ReplyNo: "复1"}
	case string(ProposeDisposal):
		return Terms{ReplyNo: rapid.SampledFrom([]string{"移1", ""}).Draw(t, "paper")}
	case string(Reassign):
		return Terms{To: rapid.SampledFrom([]string{"xu", "wang", "stranger", "zhao"}).Draw(t, "heir")}
	case string(ApproveWithdraw):
		return Terms{Result: rapid.SampledFrom([]string{"", Agree, Refuse}).Draw(t, "answer")}
	default:
		return Terms{}
	}
}

// ring lets every timer fire whose time has come, and one that has not.
// Mutant: Fire without its first three lines.
func (w *world) ring(t *rapid.T) {
	for _, j := range w.timers {
		before := w.store.cases[j.Item].Item.State
		again, err := w.desk.Fire(context.Background(), j)
		if !known(err) {
			t.Fatal(err)
		}
		if early := w.clock.Before(j.At); early != !again.IsZero() || early && w.store.cases[j.Item].Item.State != before {
			t.Fatalf("a timer of %s fired at %s", j.At, w.clock)
		}
	}
	w.timers = slices.DeleteFunc(w.timers, func(j TimerJob) bool { return !w.clock.Before(j.At) })
}

// scheduled takes an item as far as a timer of wu an hour ahead.
func scheduled(t *testing.T) (*world, TimerJob) {
	t.Helper()
	w, _ := walked(t, "<p>干净</p>", 5)
	at := w.clock.Add(time.Hour)
	if err := w.do("wu", Schedule, func(m *Move) { m.Terms.At = &at }); err != nil {
		t.Fatal(err)
	}
	return w, w.store.jobs[0].(TimerJob)
}

// publisher is a second publisher of every channel.
func (w *world) publisher(name string) {
	w.store.people = append(w.store.people, someone(name, Grant{Publisher, "portal"}, Grant{Publisher, "led"}))
}

func (w *world) fire(t *testing.T, j TimerJob) State {
	t.Helper()
	if _, err := w.desk.Fire(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	return w.now(t).Item.State
}

// TestTimer: a timer publishes at its time, not before, in the name of who set it; and never what is not its own any more.
func TestTimer(t *testing.T) {
	for name, tt := range map[string]struct {
		prep func(*testing.T, *world)
		want State
	}{
		"in time":               {func(_ *testing.T, w *world) { w.clock = w.clock.Add(time.Hour) }, Published},
		"too early":             {func(_ *testing.T, w *world) { w.clock = w.clock.Add(time.Hour - time.Second) }, Scheduled},
		"the clock jumped back": {func(_ *testing.T, w *world) { w.clock = w.clock.Add(-24 * time.Hour) }, Scheduled},
		"after unschedule": {func(t *testing.T, w *world) {
			w.must(t, "wu", Unschedule)
			w.clock = w.clock.Add(time.Hour)
		}, Registered},
		"after a return": {func(t *testing.T, w *world) {
			w.must(t, "wu", Return)
			w.clock = w.clock.Add(time.Hour)
		}, Returned},
		"after a suspension": {func(t *testing.T, w *world) {
			w.must(t, "feng", Suspend)
			w.clock = w.clock.Add(time.Hour)
		}, Suspended},
		"moved to another time": {func(t *testing.T, w *world) {
			later := w.clock.Add(2 * time.Hour)
			w.must(t, "wu", Schedule, func(m *Move) { m.Terms.At = &later })
			w.clock = w.clock.Add(time.Hour)
		}, Scheduled},
		"no longer a publisher": {func(_ *testing.T, w *world) {
			w.clock = w.clock.Add(time.Hour)
			w.store.people = slices.DeleteFunc(w.store.people, func(a Actor) bool { return a.ID == "wu" })
			w.store.people = append(w.store.people, someone("wu"))
		}, Scheduled},
		"left the directory": {func(_ *testing.T, w *world) {
			w.clock = w.clock.Add(time.Hour)
			w.store.gone["wu"] = true
		}, Scheduled},
		"the approval expired": {func(_ *testing.T, w *world) { w.clock = w.clock.AddDate(0, 0, 31) }, Scheduled},
		"malicious words since": {func(_ *testing.T, w *world) {
			w.clock = w.clock.Add(time.Hour)
			w.scanner.library, w.scanner.terms["干净"] = "2", w.scanner.terms["电话"]
		}, SecrecyReview},
	} {
		t.Run(name, func(t *testing.T) {
			w, j := scheduled(t)
			tt.prep(t, w)
			if got := w.fire(t, j); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if d, ok := w.now(t).signed(Publish); ok && (d.Person != "wu" || d.Duty != PublishDuty) {
				t.Errorf("published by %+v", d)
			}
			w.fire(t, j) // jobs run more than once
			n := 0
			for _, r := range w.store.log {
				if r.Event == string(Publish) && r.Result == "done" {
					n++
				}
			}
			if want := map[bool]int{true: 1}[tt.want == Published]; n != want {
				t.Errorf("published %d times", n)
			}
		})
	}
}

// TestTimerTakenOver: another publisher of every channel takes a timer over; the first one's then does nothing.
// Mutant: Fire that does not compare t.Person.
func TestTimerTakenOver(t *testing.T) {
	w, j := scheduled(t)
	if err := w.do("zheng", Schedule, func(m *Move) { m.Terms.At = &j.At }); !slices.Equal(reasonsOf(err), []string{"role"}) {
		t.Errorf("by a publisher of one channel: %v", err)
	}
	w.publisher("fang")
	c := w.now(t)
	m := Move{Item: 1, Version: c.Item.Version, Digest: c.Item.Digest, Event: Schedule, Terms: Terms{At: &j.At}}
	if _, err := w.desk.Move(context.Background(), w.store.person("fang"), m); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Hour)
	if got := w.fire(t, j); got != Scheduled {
		t.Errorf("the timer that was taken over: %s", got)
	}
	if got := w.fire(t, w.store.jobs[1].(TimerJob)); got != Published {
		t.Errorf("the new timer: %s", got)
	}
}

// TestTimerNeedsDirectory: while the directory does not answer nothing is published in somebody's name, and the job stays.
func TestTimerNeedsDirectory(t *testing.T) {
	w, j := scheduled(t)
	w.clock = w.clock.Add(time.Hour)
	w.desk.Directory = deaf{}
	if _, err := w.desk.Fire(context.Background(), j); !errors.Is(err, ErrUnavailable) || w.now(t).Item.State != Scheduled {
		t.Errorf("%v, %s", err, w.now(t).Item.State)
	}
}

type deaf struct{}

func (deaf) SignIn(context.Context, string, string) (DirectoryEntry, error) {
	return DirectoryEntry{}, ErrUnavailable
}

func (deaf) Lookup(context.Context, string) (DirectoryEntry, error) {
	return DirectoryEntry{}, ErrUnavailable
}

// TestScheduleRefused: every guard of a timer.
func TestScheduleRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		who  string
		at   time.Duration // after now; 0 for none
		want []string
	}{
		"no time":            {"wu", 0, []string{"missing"}},
		"the past":           {"wu", -time.Hour, []string{"at_past"}},
		"after the approval": {"wu", 30*24*time.Hour + time.Hour, []string{"at_after_approval"}},
		"not a publisher":    {"sun", time.Hour, []string{"role"}},
	} {
		w, _ := walked(t, "<p>干净</p>", 5)
		err := w.do(tt.who, Schedule, func(m *Move) {
			if at := w.clock.Add(tt.at); tt.at != 0 {
				m.Terms.At = &at
			}
		})
		if got := reasonsOf(err); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	w, _ := walked(t, "<p>干净</p>", 4)
	soon := w.clock.Add(time.Hour)
	if err := w.do("wu", Schedule, func(m *Move) { m.Terms.At = &soon }); !errors.Is(err, ErrIllegal) {
		t.Errorf("before it is registered: %v", err)
	}
}

// TestReviewedAgain: what the unit said of a text counts when the review alone begins anew, and no longer once it was sent back.
// Mutants: Carried without the break at a return; Carried for secrecy_pass too.
func TestReviewedAgain(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.must(t, "sun", Suspend)
	w.must(t, "feng", Reinstate)
	if err := w.do("feng", LeaderApprove); !errors.Is(err, ErrIllegal) {
		t.Errorf("straight to approval: %v", err)
	}
	for _, a := range []act{{"qian", SecrecyPass}, {"sun", LeaderApprove}, {"wu", Register}} {
		w.must(t, a.who, a.e)
		w.settle(t)
	}
	w.must(t, "wu", Publish)
	c := w.now(t)
	if rs := Unproven(c, newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("published again: %v", rs)
	}
	m := NewManifest(c.Item, c.Revision)
	for name, tt := range map[string]struct {
		ds []Decision
		e  Event
	}{
		"sent back since":  {append(slices.Clone(c.Decisions), Decision{Event: Return}), Submit},
		"taken back since": {append(slices.Clone(c.Decisions), Decision{Event: Recall}), UnitPass},
		"the review":       {c.Decisions, SecrecyPass},
		"the leader's":     {c.Decisions, LeaderApprove},
		"on nothing":       {nil, Submit},
	} {
		if _, ok := m.Carried(tt.ds, tt.e); ok {
			t.Errorf("%s carries over", name)
		}
	}
	m.Body += "x"
	if _, ok := m.Carried(c.Decisions, Submit); ok {
		t.Error("another text carries over")
	}
}
