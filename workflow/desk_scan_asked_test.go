package workflow

import (
	"reflect"
	"testing"
)

// TestRefusedPublishChangesNothing: who may not publish does not move the item by asking.
func TestRefusedPublishChangesNothing(t *testing.T) {
	for name, m := range map[string]func(*Move){"not the role": func(*Move) {}, "stale digest": func(m *Move) { m.Digest = "x" }} {
		w, _ := walked(t, "<p>干净 新词</p>", 5)
		w.scanner.library = "2"
		who := "wang"
		if name == "stale digest" {
			who = "wu"
		}
		before := w.now(t)
		n := len(w.store.log)
		err := w.do(who, Publish, m)
		if after := w.now(t); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: %v changed the item: version %d → %d, %s → %s, %d records", name, err, before.Item.Version, after.Item.Version, before.Item.State, after.Item.State, len(w.store.log)-n)
		}
	}
}
