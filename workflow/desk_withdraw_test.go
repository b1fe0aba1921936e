package workflow

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// withdrawn: what was withdrawn was asked for by one person, approved by another, after that, and not refused since.
// Mutants: withdrawApproved dropped; Refuse not compared; otherThanAsker dropped.
func (w *world) withdrawn(t *rapid.T, c *Case) {
	n := len(c.Decisions)
	if c.Item.State != Withdrawn || n == 0 || c.Decisions[n-1].Event != Withdraw {
		return
	}
	ds := slices.DeleteFunc(slices.Clone(c.Decisions), func(d Decision) bool {
		return d.Round != c.Item.Round || d.Event != AskWithdraw && d.Event != ApproveWithdraw
	})
	if k := len(ds); k < 2 || ds[k-1].Event != ApproveWithdraw || ds[k-1].Terms.Result == Refuse || ds[k-2].Event != AskWithdraw || ds[k-1].Person == ds[k-2].Person {
		t.Fatalf("withdrawn after %+v", ds)
	}
}

func asking(notice string) func(*Move) {
	return func(m *Move) { m.Terms = Terms{Notice: notice} }
}

// TestWithdraw: asked for, approved, carried out; public to the last, and then what was signed stands in its place.
func TestWithdraw(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.must(t, "wang", AskWithdraw, asking(NoticeReason))
	w.must(t, "sun", ApproveWithdraw)
	c := w.now(t)
	if rs := Unproven(c, newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("dark before it was withdrawn: %v", rs)
	}
	if got := c.Waits(); !slices.Equal(got, []string{"pub:portal", "pub:led"}) {
		t.Errorf("waits for %v", got)
	}
	w.clock = w.clock.Add(time.Minute)
	w.must(t, "wu", Withdraw, func(m *Move) { m.ReasonCode = "outdated" })
	c = w.now(t)
	if rs := Unproven(c, newKeyed(), nil, w.clock); len(rs) < 2 || slices.ContainsFunc(c.Deliveries, func(d Delivery) bool { return d.Want != "" }) {
		t.Errorf("still there: %v %v", rs, c.Deliveries)
	}
	want := Tombstone{Notice: NoticeReason, ReasonCode: "outdated", At: w.clock}
	if got := c.Tomb(newKeyed()); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for i := range c.Decisions {
		if c.Decisions[i].Event == AskWithdraw {
			c.Decisions[i].Terms.Notice = NoticeRedirect
		}
	}
	if got := c.Tomb(newKeyed()); got != (Tombstone{Notice: NoticeGone}) {
		t.Errorf("a forged notice says %+v", got)
	}
}

// TestWithdrawRefused: every guard of the three.
func TestWithdrawRefused(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", far(len(way)))
	both := someone("both", Grant{Reviewer, ""}, Grant{Leader, "a"})
	w.store.people = append(w.store.people, both)
	for name, tt := range map[string]struct {
		who   string
		e     Event
		after []act
		terms Terms
		want  []string
	}{
		"no notice":                 {"wang", AskWithdraw, nil, Terms{}, []string{"unknown_value"}},
		"redirect to nowhere":       {"wang", AskWithdraw, nil, Terms{Notice: NoticeRedirect}, []string{"target_missing"}},
		"redirect to nothing":       {"wang", AskWithdraw, nil, Terms{Notice: NoticeRedirect, Target: "x"}, []string{"target_unknown"}},
		"redirect to itself":        {"wang", AskWithdraw, nil, Terms{Notice: NoticeRedirect, Target: c.Item.Number}, []string{"target_unknown"}},
		"asked by a leader":         {"sun", AskWithdraw, nil, Terms{Notice: NoticeGone}, []string{"role"}},
		"approved unasked":          {"sun", ApproveWithdraw, nil, Terms{}, []string{"withdraw_not_asked"}},
		"an answer that is none":    {"sun", ApproveWithdraw, []act{{"wang", AskWithdraw}}, Terms{Result: "perhaps"}, []string{"unknown_value"}},
		"approved by a reviewer":    {"qian", ApproveWithdraw, []act{{"wang", AskWithdraw}}, Terms{}, []string{"role"}},
		"approved by who asked":     {"zhao", ApproveWithdraw, []act{{"zhao", AskWithdraw}}, Terms{}, []string{"same_asker"}},
		"withdrawn unasked":         {"wu", Withdraw, nil, Terms{}, []string{"withdraw_not_approved"}},
		"withdrawn unapproved":      {"wu", Withdraw, []act{{"wang", AskWithdraw}}, Terms{}, []string{"withdraw_not_approved"}},
		"withdrawn by the leader":   {"sun", Withdraw, []act{{"wang", AskWithdraw}, {"sun", ApproveWithdraw}}, Terms{}, []string{"role"}},
		"withdrawn after a new ask": {"wu", Withdraw, []act{{"wang", AskWithdraw}, {"sun", ApproveWithdraw}, {"wang", AskWithdraw}}, Terms{}, []string{"withdraw_not_approved"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := walked(t, "<p>干净</p>", far(len(way)))
			for _, a := range tt.after {
				w.must(t, a.who, a.e, func(m *Move) {
					if a.e == AskWithdraw {
						m.Terms.Notice = NoticeGone
					}
				})
			}
			if err := w.do(tt.who, tt.e, func(m *Move) { m.Terms = tt.terms }); !slices.Equal(reasonsOf(err), tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		w, _ := walked(t, "<p>干净</p>", far(len(way)))
		w.must(t, "wang", AskWithdraw, asking(NoticeGone))
		w.must(t, "sun", ApproveWithdraw, func(m *Move) { m.Terms.Result = Refuse })
		if err := w.do("wu", Withdraw); !slices.Equal(reasonsOf(err), []string{"withdraw_not_approved"}) || w.now(t).Waits() != nil {
			t.Errorf("%v, waits for %v", err, w.now(t).Waits())
		}
	})
	t.Run("before it is public", func(t *testing.T) {
		w, _ := walked(t, "<p>干净</p>", 5)
		if err := w.do("wang", AskWithdraw, asking(NoticeGone)); !errors.Is(err, ErrIllegal) {
			t.Error(err)
		}
	})
}
