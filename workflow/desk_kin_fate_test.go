package workflow

import (
	"testing"
)

// TestGrandchildOfSuspended: a public twin of an amendment goes down with the amendment's parent, wherever the amendment stands.
func TestGrandchildOfSuspended(t *testing.T) {
	w := amended(t)
	w.rewrite(t, 2, "<p>住址保密，电线</p>")
	w.pass(t, 2, way[:2]...)
	if err := w.onN(2, "wang", Twin, cutting(Mask, "住址保密")); err != nil {
		t.Fatal(err)
	}
	w.rewrite(t, 3, w.store.cases[3].Revision.Content.BodyHTML)
	w.pass(t, 3, way...)
	w.must(t, "sun", Suspend)
	if w.store.cases[3].Item.State == Published {
		t.Errorf("grandchild still public; item 2 %s", w.store.cases[2].Item.State)
	}
}
