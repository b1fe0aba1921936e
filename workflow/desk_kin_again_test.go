package workflow

import (
	"context"
	"testing"
	"time"
)

// TestTwoAmendments: an amendment that was sealed, and opened again after another one was begun, must not become public beside it.
func TestTwoAmendments(t *testing.T) {
	w := newWorld(t, true)
	until := w.clock.Add(48 * time.Hour)
	c := Content{
		Title: "公告", BodyHTML: "<p>旧</p>", Disclosure: Disclosure{Kind: "active"}, Channels: []Window{{ID: "portal", Until: &until}},
		SelfCheck: SelfCheck{true, true, true, true, true},
	}
	if _, err := w.desk.Create(context.Background(), by("wang"), c); err != nil {
		t.Fatal(err)
	}
	w.pass(t, 1, way...)
	for id := ItemID(2); id <= 3; id++ {
		w.pass(t, 1, act{"wang", Amend})
		k := w.store.cases[id]
		text := k.Revision.Content
		text.BodyHTML, text.SelfCheck = "<p>更正</p>", SelfCheck{true, true, true, true, true}
		text.Channels = []Window{{ID: "portal"}}
		if _, err := w.desk.Edit(context.Background(), by("wang"), id, k.Item.Version, text); err != nil {
			t.Fatal(err)
		}
		w.pass(t, id, way[:2]...)
		if id == 2 {
			w.pass(t, 2, act{"qian", Seal})
		}
	}
	w.clock = until.Add(time.Minute)
	if err := w.desk.moveOn(context.Background(), Move{Item: 1, Version: w.now(t).Item.Version, Digest: w.now(t).Item.Digest, Event: Expire}); err != nil {
		t.Fatal(err)
	}
	w.pass(t, 2, act{"bai", ProposeUnseal}, act{"he", ConfirmUnseal})
	w.pass(t, 3, way[2:]...)
	w.pass(t, 2, way[2:5]...)
	err := w.onN(2, "wu", Publish)
	if w.store.cases[2].Item.State == Published && w.store.cases[3].Item.State == Published {
		t.Errorf("two amendments of item 1 are public at once: %v", err)
	}
}

// TestReinstatedAmendment: an amendment that was suspended and reinstated can become public again.
func TestReinstatedAmendment(t *testing.T) {
	w := amended(t)
	w.along(t, len(way))
	w.pass(t, 2, act{"sun", Suspend}, act{"feng", Reinstate})
	w.pass(t, 2, way[2:5]...)
	if err := w.onN(2, "wu", Publish); err != nil {
		t.Errorf("reinstated, reviewed, approved and registered, but: %v", err)
	}
}
