package main

import (
	"slices"
	"testing"

	"qingyang/workflow"
)

// TestRowsAgreeAfterEveryEvent: whatever happened to items, their rows are what the log says of them; also of one that was
// disposed of, of which nothing but its acts is left.
// Mutants: rows without the family or the claim; a purge that signs nothing; Agreement that asks a purged item for its digest.
func TestRowsAgreeAfterEveryEvent(t *testing.T) {
	c := newCrew(t)
	var last workflow.ItemID
	for _, way := range [][]step{
		slices.Concat(checked, []step{{"zhao", workflow.TakeUp}, {"wang", workflow.Remind}, {"zhao", workflow.RaiseClass}}),
		slices.Concat(checked, []step{{"wang", workflow.Twin}}),
		slices.Concat(called, []step{{"ma", workflow.Cosign}}),
		slices.Concat(determined, []step{{"he", workflow.ConfirmVerdict}, {"zhao", workflow.SecrecyPass}, {"sun", workflow.LeaderApprove}}),
		slices.Concat(shown, []step{{"wang", workflow.Amend}}),
		slices.Concat(agreed, []step{{"wu", workflow.Withdraw}}),
		slices.Concat(onTimer, []step{{"wu", workflow.Unschedule}}),
		slices.Concat(unsealing, []step{{"he", workflow.ConfirmUnseal}}),
		slices.Concat(disposing, []step{{"he", workflow.ConfirmDisposal}}),
	} {
		last = c.draft(t, "", "<p>照常办理</p>", nil)
		for _, s := range way {
			if err := c.ask(t.Context(), c.wait(t, last, s.who, s.e), s.who, s.e); err != nil {
				t.Fatalf("%s: %v", s.e, err)
			}
		}
	}
	eventually(t, "the item is emptied", func() bool {
		cs, err := c.db.Case(t.Context(), last)
		return err == nil && cs.Item.State == workflow.Disposed && cs.Item.Title == "" && cs.Revision.Content.BodyHTML == ""
	})
	eventually(t, "all is settled", func() bool {
		if _, err := c.db.Place(t.Context()); err != nil {
			t.Fatal(err)
		}
		return c.agree(t.Context()) == nil
	})
	if err := c.agree(t.Context()); err != nil {
		t.Error(err)
	}
}
