package workflow

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qingyang/workflow/ledger"
)

// related: a family is one item to the separation of persons, and never has two versions on one channel; what is down takes
// down what was made from it.
// Mutants: hands without Elders; Supersede dropped from fate; parentStands dropped from Publish; noOpenChild dropped from Amend.
func (w *world) related(t *rapid.T, c *Case) {
	if c.Item.Family == 0 {
		return
	}
	duties, live, open := map[string]Duty{}, map[string]ItemID{}, 0
	for _, k := range w.store.cases {
		if k.Item.Family != c.Item.Family {
			continue
		}
		for _, h := range k.Hands {
			if d, ok := duties[h.Key]; ok && d != h.Duty {
				t.Fatalf("family %d: %s is %s and %s", c.Item.Family, h.Key, d, h.Duty)
			}
			duties[h.Key] = h.Duty
		}
		for _, d := range k.Deliveries {
			if other, ok := live[d.Channel]; ok && d.Want != "" {
				t.Fatalf("%d and %d are both wanted on %s", other, k.Item.ID, d.Channel)
			} else if d.Want != "" {
				live[d.Channel] = k.Item.ID
			}
		}
		if k.Item.Parent == c.Item.ID && k.Item.Kin == Amendment {
			w.follows(t, c, k)
			unsealed := slices.ContainsFunc(k.Decisions, func(d Decision) bool { return d.Event == ConfirmUnseal }) // another may have been begun meanwhile
			if !slices.Contains(finished, k.Item.State) && k.Item.State != Published && !unsealed {
				open++
			}
		}
	}
	if open > 1 {
		t.Fatalf("item %d has %d open amendments", c.Item.ID, open)
	}
}

// follows: what befell the parent befell the child.
func (w *world) follows(t *rapid.T, p, c *Case) {
	switch {
	case p.Item.State == Sealed && c.Item.State != Sealed && c.Item.State != Disposed,
		p.Item.State == Withdrawn && c.Item.State == Published, // TestParentsFate says more; what was closed meanwhile is not touched
		p.Item.State == Suspended && slices.Contains([]State{Approved, Registered, Scheduled, Published}, c.Item.State) && c.Item.Since.Before(p.Item.Since),
		p.Item.State == Published && c.Item.State == Published:
		t.Fatalf("item %d is %s and its amendment %d %s", p.Item.ID, p.Item.State, c.Item.ID, c.Item.State)
	}
}

// amended takes item 1 to the public and returns with a draft of its amendment, item 2.
func amended(t *testing.T) *world {
	t.Helper()
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.must(t, "wang", Amend)
	return w
}

// on2 is do for the second item.
func (w *world) on2(who string, e Event, change ...func(*Move)) error {
	const id = ItemID(2)
	c, err := w.store.Case(context.Background(), id)
	if err != nil {
		return err
	}
	m := Move{Item: id, Version: c.Item.Version, Digest: c.Item.Digest, Event: e, Opinion: "同意", ReasonCode: "other", Reason: "理由"}
	for _, f := range change {
		f(&m)
	}
	_, err = w.desk.Move(context.Background(), by(who), m)
	return err
}

// along takes item 2 along the first n acts of way.
func (w *world) along(t *testing.T, n int) {
	t.Helper()
	c := w.store.cases[2]
	text := c.Revision.Content
	text.BodyHTML, text.SelfCheck = "<p>更正</p>", SelfCheck{true, true, true, true, true}
	if _, err := w.desk.Edit(context.Background(), by("wang"), 2, c.Item.Version, text); err != nil {
		t.Fatal(err)
	}
	for _, a := range way[:n] {
		if err := w.on2(a.who, a.e); err != nil {
			t.Fatalf("%s by %s: %v", a.e, a.who, err)
		}
		w.settle(t)
		w.clock = w.clock.Add(time.Minute)
	}
}

func (w *world) states() [2]State {
	return [2]State{w.store.cases[1].Item.State, w.store.cases[2].Item.State}
}

// TestAmend: the amendment takes its parent's place in one transaction, and the parent is never shown again.
func TestAmend(t *testing.T) {
	w := amended(t)
	w.along(t, len(way))
	if got := w.states(); got != [2]State{Superseded, Published} {
		t.Fatal(got)
	}
	p, c := w.now(t), w.store.cases[2]
	if rs := Unproven(p, newKeyed(), nil, w.clock); len(rs) == 0 || slices.ContainsFunc(p.Deliveries, func(d Delivery) bool { return d.Want != "" }) {
		t.Errorf("the parent: %v %v", rs, p.Deliveries)
	}
	if rs := Unproven(c, newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("the amendment: %v", rs)
	}
	if got := p.Tomb(newKeyed()); got != (Tombstone{Notice: NoticeRedirect, Target: c.Item.Number}) {
		t.Errorf("in the parent's place: %+v", got)
	}
	for _, e := range allEvents {
		if err := w.do("wu", e); e != Seal && err == nil {
			t.Errorf("a superseded item takes %s", e)
		}
	}
	n := slices.IndexFunc(w.store.log, func(r ledger.Record) bool { return r.Event == string(Supersede) })
	if r := w.store.log[n]; r.Item != 1 || r.Detail["with"] != "2" || r.Person != "system" {
		t.Errorf("on the log: %+v", r)
	}
}

// TestParentsFate: what takes the parent down takes the amendment along, wherever it stands.
// Mutants: any case of fate; children that forgets deeper ones.
func TestParentsFate(t *testing.T) {
	suspend := func(t *testing.T, w *world) { w.must(t, "sun", Suspend) }
	seal := func(t *testing.T, w *world) { w.must(t, "qian", Seal) }
	withdraw := func(t *testing.T, w *world) {
		w.must(t, "wang", AskWithdraw, asking(NoticeGone))
		w.must(t, "sun", ApproveWithdraw)
		w.must(t, "wu", Withdraw)
	}
	takedown := func(t *testing.T, w *world) {
		suspend(t, w)
		w.must(t, "feng", ConfirmTakedown)
	}
	for name, tt := range map[string]struct {
		as   int
		fate func(*testing.T, *world)
		want [2]State
	}{
		"suspended, a draft":            {0, suspend, [2]State{Suspended, Draft}},
		"suspended, approved":           {4, suspend, [2]State{Suspended, Suspended}},
		"suspended, registered":         {5, suspend, [2]State{Suspended, Suspended}},
		"sealed, a draft":               {0, seal, [2]State{Sealed, Sealed}},
		"sealed, in review":             {2, seal, [2]State{Sealed, Sealed}},
		"sealed, in its parent's place": {6, seal, [2]State{Sealed, Sealed}},
		"withdrawn, in review":          {2, withdraw, [2]State{Withdrawn, Withdrawn}},
		"withdrawn, registered":         {5, withdraw, [2]State{Withdrawn, Withdrawn}},
		"taken down, with it":           {5, takedown, [2]State{Withdrawn, Withdrawn}},
	} {
		t.Run(name, func(t *testing.T) {
			w := amended(t)
			w.along(t, tt.as)
			tt.fate(t, w)
			if got := w.states(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// TestAmendRefused: one open amendment, by an author, of what is public; it waits while its parent is down; who decided on the
// parent plays no other part in it.
func TestAmendRefused(t *testing.T) {
	w := amended(t)
	if err := w.do("wang", Amend); !slices.Equal(reasonsOf(err), []string{"amended_already"}) {
		t.Errorf("a second one: %v", err)
	}
	if err := w.do("xu", Amend); !slices.Equal(reasonsOf(err), []string{"not_author"}) {
		t.Errorf("by another drafter: %v", err)
	}
	w.along(t, 1)
	if err := w.on2("chen", UnitPass); err != nil {
		t.Fatal(err)
	}
	if err := w.on2("zhao", SecrecyPass); err != nil { // another reviewer than the parent's is welcome
		t.Fatal(err)
	}
	if err := w.on2("zhao", LeaderApprove); !slices.Equal(reasonsOf(err), []string{"persons"}) {
		t.Errorf("the reviewer as leader: %v", err)
	}
	if err := w.on2("wu", LeaderApprove); !slices.Equal(reasonsOf(err), []string{"persons"}) {
		t.Errorf("the parent's publisher as leader: %v", err)
	}
	w, _ = walked(t, "<p>干净</p>", 5)
	if err := w.do("wang", Amend); !errors.Is(err, ErrIllegal) {
		t.Errorf("before it is public: %v", err)
	}
	w = amended(t)
	w.must(t, "sun", Suspend)
	w.along(t, 5)
	if err := w.on2("wu", Publish); !slices.Equal(reasonsOf(err), []string{"parent_down"}) {
		t.Errorf("while the parent is down: %v", err)
	}
}

// TestAmendmentIsForItsParties: who sees the parent alone does not learn of a draft of its amendment.
func TestAmendmentIsForItsParties(t *testing.T) {
	w := amended(t)
	for who, want := range map[string]int{"wang": 1, "chen": 1, "sun": 0, "feng": 0} {
		v, err := w.desk.View(context.Background(), by(who), 1)
		if err != nil || len(v.Family) != want {
			t.Errorf("%s: %v %v", who, err, v.Family)
		}
	}
}
