package workflow

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// dissent recounts, without the desk's own eyes, whether a signer dissented from the present text.
func dissent(c *Case) bool {
	return slices.ContainsFunc(c.Decisions, func(d Decision) bool {
		return string(d.Event) == "countersign" && d.Terms.Result == "dissent" && d.Revision == c.Item.Revision
	})
}

// risen: an item whose class was raised is important ever after, and who signed along was asked.
// Mutants: rise that leaves the class; askedToSign dropped.
func (w *world) risen(t *rapid.T, c *Case) {
	var called []string
	for _, d := range c.Decisions {
		if d.Event == RaiseClass && c.Item.Class != Important {
			t.Fatalf("item %d was raised and is %s", c.Item.ID, c.Item.Class)
		}
		if d.Event == AskCountersign {
			called = append(called, d.Terms.Persons...)
		}
		if d.Event == Cosign && !slices.Contains(called, d.Person) {
			t.Fatalf("%s signed item %d unasked", d.Person, c.Item.ID)
		}
	}
	if c.Item.State == Countersign && len(c.Waits()) == 0 {
		t.Fatalf("item %d waits for nobody's signature", c.Item.ID)
	}
}

func calling(ps ...string) func(*Move) { return func(m *Move) { m.Terms.Persons = ps } }
func saying(r string) func(*Move)      { return func(m *Move) { m.Terms.Result = r } }

// TestCountersign: all agree and the review goes on; one dissents and it goes on at once, with the principal leader's approval
// on top of the others, in this round and the next ones of the same text.
// Mutants: closes without Dissent; Dissented that asks the round.
func TestCountersign(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	if err := w.do("ma", Cosign, saying(Agree)); !errors.Is(err, ErrMissing) {
		t.Errorf("before being asked: %v", err)
	}
	w.must(t, "qian", AskCountersign, calling("ma", "mu"))
	if got := w.now(t).Waits(); !slices.Equal(got, []string{"person:ma", "person:mu"}) {
		t.Errorf("waits for %v", got)
	}
	w.must(t, "ma", Cosign, saying(Agree))
	if c := w.now(t); c.Item.State != Countersign || !slices.Equal(c.Waits(), []string{"person:mu"}) {
		t.Errorf("%s waits for %v", c.Item.State, c.Waits())
	}
	if err := w.do("ma", Cosign, saying(Dissent)); !slices.Equal(reasonsOf(err), []string{"not_asked"}) {
		t.Errorf("twice: %v", err)
	}
	w.must(t, "mu", Cosign, saying(Agree))
	w.must(t, "qian", SecrecyPass)
	if err := w.do("mu", LeaderApprove); !slices.Equal(reasonsOf(err), []string{"persons"}) {
		t.Errorf("the signer as leader: %v", err)
	}
	w.must(t, "sun", LeaderApprove)
	if got := w.now(t).Item.State; got != Approved {
		t.Errorf("all agreed: %s", got)
	}

	w, _ = walked(t, "<p>干净</p>", 2)
	w.must(t, "qian", AskCountersign, calling("ma", "mu"))
	w.must(t, "mu", Cosign, saying(Dissent))
	if got := w.now(t).Item.State; got != SecrecyReview {
		t.Fatalf("after dissent: %s", got)
	}
	w.must(t, "qian", SecrecyPass)
	w.must(t, "sun", LeaderApprove)
	if got := w.now(t).Item.State; got != ChiefApproval {
		t.Fatalf("dissent, and no chief: %s", got)
	}
	w.must(t, "feng", ChiefApprove)
	w.must(t, "wu", Register)
	w.settle(t)
	w.must(t, "wu", Publish)
	c := w.now(t)
	if rs := Unproven(c, newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("published: %v", rs)
	}
	drop(ChiefApprove)(c)
	if rs := Unproven(c, newKeyed(), nil, w.clock); !slices.ContainsFunc(rs, func(r Reason) bool { return r.Code == "unsigned" }) {
		t.Errorf("without the chief: %v", rs)
	}
}

// TestDropCountersign: a signer who does not answer holds nothing up.
func TestDropCountersign(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	w.must(t, "qian", AskCountersign, calling("ma"))
	for _, e := range []Event{SecrecyPass, Return, AskCountersign} {
		if err := w.do("qian", e); !errors.Is(err, ErrIllegal) {
			t.Errorf("%s while it is signed: %v", e, err)
		}
	}
	w.must(t, "qian", DropCountersign)
	if err := w.do("ma", Cosign, saying(Agree)); !errors.Is(err, ErrIllegal) {
		t.Errorf("too late: %v", err)
	}
	w.must(t, "qian", SecrecyPass)
}

// TestRaiseClass: the class rises once; what the unit said counts on, the digest is another one, the chief approves besides.
// Mutants: was that forgets the class; rise without a new digest.
func TestRaiseClass(t *testing.T) {
	w, before := walked(t, "<p>干净</p>", 2)
	w.must(t, "qian", RaiseClass)
	c := w.now(t)
	if c.Item.Class != Important || c.Item.Digest == before.Item.Digest || c.Item.Digest != NewManifest(c.Item, c.Revision).Digest() || c.Item.Round != before.Item.Round {
		t.Errorf("%+v", c.Item)
	}
	if err := w.do("qian", RaiseClass); !slices.Equal(reasonsOf(err), []string{"class_highest"}) {
		t.Errorf("again: %v", err)
	}
	for _, a := range []act{{"qian", SecrecyPass}, {"sun", LeaderApprove}, {"feng", ChiefApprove}, {"wu", Register}} {
		w.must(t, a.who, a.e)
		w.settle(t)
	}
	w.must(t, "wu", Publish)
	if rs := Unproven(w.now(t), newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("published: %v", rs)
	}
}

// TestReassign: the head gives an absent author's item to another author of the unit, who then may submit it and plays no
// other part in it.
func TestReassign(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 0)
	for to, want := range map[string]string{"": "missing", "wang": "author_already", "stranger": "person_unfit", "zhao": "person_unfit", "nobody": "person_unfit"} {
		if err := w.do("chen", Reassign, func(m *Move) { m.Terms.To = to }); !slices.Equal(reasonsOf(err), []string{want}) {
			t.Errorf("to %q: %v, want %s", to, err, want)
		}
	}
	if err := w.do("wang", Reassign, func(m *Move) { m.Terms.To = "xu" }); !slices.Equal(reasonsOf(err), []string{"role"}) {
		t.Errorf("by the author: %v", err)
	}
	w.must(t, "chen", Reassign, func(m *Move) { m.Terms.To = "xu" })
	if c := w.now(t); c.Item.Author != "xu" || !slices.Equal(c.Waits(), []string{"person:xu"}) {
		t.Errorf("%+v waits for %v", c.Item, c.Waits())
	}
	w.must(t, "xu", Submit)
	w.settle(t)
	w.must(t, "chen", UnitPass)
	if err := w.do("xu", SecrecyPass); !slices.Equal(reasonsOf(err), []string{"persons"}) {
		t.Errorf("the new author as reviewer: %v", err)
	}
	w, _ = walked(t, "<p>干净</p>", 1)
	if err := w.do("chen", Reassign, func(m *Move) { m.Terms.To = "xu" }); !errors.Is(err, ErrIllegal) {
		t.Errorf("in review: %v", err)
	}
}

// TestSignersRefused: who may be asked.
func TestSignersRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		persons []string
		want    string
	}{
		"nobody":        {nil, "missing"},
		"one twice":     {[]string{"ma", "ma"}, "persons_count"},
		"too many":      {[]string{"a", "b", "c", "d", "e", "f"}, "persons_count"},
		"not a signer":  {[]string{"sun"}, "person_unfit"},
		"not known":     {[]string{"nobody"}, "person_unfit"},
		"who took part": {[]string{"chen"}, "person_took_part"},
	} {
		w, _ := walked(t, "<p>干净</p>", 2)
		for i, a := range w.store.people {
			if a.ID == "chen" {
				w.store.people[i].Grants = append(slices.Clone(a.Grants), Grant{Countersigner, ""})
			}
		}
		if err := w.do("qian", AskCountersign, calling(tt.persons...)); !slices.Equal(reasonsOf(err)[:1], []string{tt.want}) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	w, _ := walked(t, "<p>干净</p>", 2)
	v, err := w.desk.View(context.Background(), by("qian"), 1)
	if err != nil || len(v.Named) != 2 {
		t.Errorf("may be named: %v %v", v.Named, err)
	}
}
