package publish_test

import (
	"slices"
	"testing"

	"qingyang/workflow"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

// TestAmendmentWaits: a channel is not given an amendment while it still shows the parent, or is about to stop.
// Mutant: Uncovered that asks for Want alone.
func TestAmendmentWaits(t *testing.T) {
	w := publishtest.New()
	p := w.Publish(1, true, publishtest.Notice("旧", "tv"))
	c := w.Publish(2, false, publishtest.Notice("新", "tv"))
	c.Item.Parent, c.Item.Kin = 1, workflow.Amendment
	drv := newWall()
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": drv}, quiet)
	for _, tt := range []struct {
		name       string
		want, have string
		shown      workflow.Shown
		puts       int
	}{
		{"shown", p.Item.Digest, p.Item.Digest, workflow.Live, 0},
		{"to be removed", "", p.Item.Digest, workflow.Removing, 0},
		{"a first put under way", "", "", workflow.Removing, 0},
		{"gone", "", "", workflow.Removed, 1},
	} {
		w.Change(2, func(c *workflow.Case) {
			c.Relatives = []workflow.Relative{{ID: 1, Parent: 0, Deliveries: []workflow.Delivery{{Channel: "tv", Want: tt.want, Have: tt.have, Shown: tt.shown}}}}
		})
		if err := d.Deliver(t.Context(), 2, "tv"); err != nil {
			t.Fatal(err)
		}
		if n := drv.puts; n != tt.puts {
			t.Errorf("%s: %d puts", tt.name, n)
		}
	}
	cs, err := w.Case(t.Context(), 2)
	if err != nil || slices.ContainsFunc(cs.Deliveries, func(d workflow.Delivery) bool { return d.Error != "" }) {
		t.Errorf("waiting is a failure: %v %v", err, cs.Deliveries)
	}
}
