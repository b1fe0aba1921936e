package workflow

import (
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// advance takes the first item the whole way, and sometimes the draft of its amendment too, as far as they go: what happens to
// public items is reached too seldom by chance.
func (w *world) advance(t *rapid.T) {
	ctx := context.Background()
	go1 := func(id ItemID, who string, e Event) {
		if c, err := w.store.load(id); err == nil {
			_, err := w.desk.Move(ctx, by(who), Move{Item: id, Version: c.Item.Version, Digest: c.Item.Digest, Event: e, Opinion: "同意", ReasonCode: "other", Reason: "理由"})
			if !known(err) {
				t.Fatal(err)
			}
		}
		w.drain(t)
		w.clock = w.clock.Add(time.Minute)
	}
	clean := func(id ItemID) {
		if c, err := w.store.load(id); err == nil {
			text := c.Revision.Content
			text.BodyHTML, text.Disclosure.Kind, text.SelfCheck = bodies[0], "active", SelfCheck{true, true, true, true, true}
			if _, err := w.desk.Edit(ctx, by("wang"), id, c.Item.Version, text); !known(err) {
				t.Fatal(err)
			}
		}
	}
	for _, id := range []ItemID{1, 3} {
		clean(id)
		for _, a := range append(slices.Clone(way[:4]), act{"feng", ChiefApprove}, act{"wu", Register}, act{"wu", Publish}) {
			go1(id, a.who, a.e)
			w.check(t)
		}
		if id == 3 || rapid.Bool().Draw(t, "alone") {
			return
		}
		go1(1, "wang", Amend)
		if rapid.Bool().Draw(t, "left to chance") {
			return
		}
	}
}
