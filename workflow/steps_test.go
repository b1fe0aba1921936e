package workflow

import (
	"context"
	"testing"
	"time"
)

// onN is do for any item.
func (w *world) onN(id ItemID, who string, e Event, change ...func(*Move)) error {
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

// pass takes an item through acts.
func (w *world) pass(t *testing.T, id ItemID, acts ...act) {
	t.Helper()
	for _, a := range acts {
		if err := w.onN(id, a.who, a.e); err != nil {
			t.Fatalf("item %d: %s by %s: %v", id, a.e, a.who, err)
		}
		w.settle(t)
		w.clock = w.clock.Add(time.Minute)
	}
}

func (w *world) rewrite(t *testing.T, id ItemID, body string) {
	t.Helper()
	c := w.store.cases[id]
	text := c.Revision.Content
	text.BodyHTML, text.SelfCheck = body, SelfCheck{true, true, true, true, true}
	if _, err := w.desk.Edit(context.Background(), by("wang"), id, c.Item.Version, text); err != nil {
		t.Fatal(err)
	}
}
