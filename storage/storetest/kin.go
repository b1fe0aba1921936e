package storetest

import (
	"context"
	"errors"
	"testing"

	"qingyang/workflow"
)

// family: parent and child know one another, and what anybody played in one counts in the other; the database refuses a second
// duty of a key in a family, also to two who act at once.
// Mutants: elders without the hands that were there before the family; a conflict that overwrites the duty.
func family(t *testing.T, f Fixture) {
	f.furnished(t)
	parent := f.created(t)
	f.changed(t, parent, func(ch *workflow.Change) { ch.Hands = []workflow.Hand{{Key: "emp:2", Duty: workflow.ReviewerDuty}} })
	var child workflow.ItemID
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		err := change(ctx, tx, parent, func(ch *workflow.Change) {
			ch.Item.State, ch.Item.Family, ch.Series = workflow.Published, parent, "清公"
			ch.Wants = []workflow.Want{{Channel: "led", Digest: "d"}}
		})
		if err != nil {
			return err
		}
		ch := draft()
		ch.Item.Parent, ch.Item.Kin, ch.Item.Family = parent, workflow.Amendment, parent
		ch.Hands = []workflow.Hand{{Key: "emp:3", Duty: workflow.AuthorDuty}}
		child, err = tx.Create(ctx, ch, func(workflow.Item) string { return "d" })
		return err
	})
	c, p := f.loaded(t, child), f.loaded(t, parent)
	equal(t, "child", [3]any{c.Item.Parent, c.Item.Kin, c.Item.Family}, [3]any{parent, workflow.Amendment, parent})
	equal(t, "its parent", c.Relatives, []workflow.Relative{{
		ID: parent, State: workflow.Published, Number: p.Item.Number, Title: p.Item.Title, Deliveries: p.Deliveries,
	}})
	equal(t, "its child", p.Relatives, []workflow.Relative{{ID: child, Parent: parent, Kin: workflow.Amendment, State: workflow.Draft, Title: c.Item.Title}})
	hands := []workflow.Hand{{Key: "emp:1", Duty: workflow.AuthorDuty}, {Key: "emp:2", Duty: workflow.ReviewerDuty}, {Key: "emp:3", Duty: workflow.AuthorDuty}}
	equal(t, "hands of all", c.Elders, hands)
	equal(t, "hands of all, of the parent", p.Elders, hands)
	play := func(id workflow.ItemID, h workflow.Hand) error {
		return f.InTx(t.Context(), func(tx workflow.Tx) error {
			return change(t.Context(), tx, id, func(ch *workflow.Change) { ch.Hands = []workflow.Hand{h} })
		})
	}
	if err := play(child, workflow.Hand{Key: "emp:2", Duty: workflow.LeaderDuty}); !errors.Is(err, workflow.ErrStale) {
		t.Errorf("the parent's reviewer as the child's leader: %v", err)
	}
	must(t, play(child, workflow.Hand{Key: "emp:2", Duty: workflow.ReviewerDuty}))
	equal(t, "hands at last", f.loaded(t, parent).Elders, hands)
}
