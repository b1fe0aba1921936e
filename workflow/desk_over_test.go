package workflow

import (
	"slices"
	"testing"
)

// TestSupersededStaysAway (mutant: unseal to secrecy review whatever it was sealed from): sealing and unsealing does not bring back what an amendment took the place of.
func TestSupersededStaysAway(t *testing.T) {
	w := amended(t)
	w.along(t, len(way))
	w.must(t, "qian", Seal)
	w.must(t, "bai", ProposeUnseal)
	w.must(t, "he", ConfirmUnseal)
	if c := w.now(t); c.Item.State != Superseded || c.Item.SealedFrom != "" {
		t.Errorf("what was superseded is %s", c.Item.State)
	}
}

// TestEndedStaysEnded: the same of what a leader denied or the author withdrew.
func TestEndedStaysEnded(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 3)
	w.must(t, "sun", Deny)
	w.must(t, "qian", Seal)
	w.must(t, "bai", ProposeUnseal)
	w.must(t, "he", ConfirmUnseal)
	if c := w.now(t); c.Item.State != Denied || !visible(by("wang"), c) {
		t.Errorf("what was denied is %s", c.Item.State)
	}
}

// TestAmendedTwin: what a twin keeps back does not come back by an amendment of the twin.
func TestAmendedTwin(t *testing.T) {
	w, _ := walked(t, "<p>住址保密，电线</p>", 2)
	w.must(t, "wang", Twin, cutting(Mask, "住址保密"))
	w.rewrite(t, 2, w.store.cases[2].Revision.Content.BodyHTML)
	w.pass(t, 2, way...)
	if err := w.onN(2, "wang", Amend); !slices.Equal(reasonsOf(err), []string{"amend_redacted"}) {
		t.Errorf("an amendment of the twin, which could say it again: %v", err)
	}
}

func TestDissentOutlivesASave(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 2)
	ask := func(m *Move) { m.Terms = Terms{Persons: []string{"ma"}} }
	w.must(t, "qian", AskCountersign, ask)
	w.must(t, "ma", Cosign, func(m *Move) { m.Terms = Terms{Result: Dissent} })
	w.must(t, "wang", Recall)
	w.rewrite(t, 1, "<p>干净</p>")
	w.pass(t, 1, way[:4]...)
	if c := w.now(t); c.Item.State != ChiefApproval {
		t.Errorf("%s: the chief is not asked", c.Item.State)
	}
}
