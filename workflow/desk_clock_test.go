package workflow

import (
	"context"
	"slices"
	"testing"
	"time"
)

// clocked is a store with a clock.
type clocked struct {
	*memory
	cs []Clock
}

func (b clocked) Clocks(context.Context, []string, []string, int) ([]Clock, error) { return b.cs, nil }
func (b clocked) List(context.Context, Query) ([]Row, string, error)               { return nil, "", nil }

// TestClockOfStranger: of an item that one may not see the clocks give number, unit, step and time.
func TestClockOfStranger(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", 2)
	it := c.Item
	it.Due, it.Claim, it.Reminder, it.Covered = w.clock.Add(time.Hour), &Claim{"qian", "qian", w.clock}, &Reminder{"wang", "王", w.clock}, []string{"张三"}
	w.desk.Store = clocked{w.store, []Clock{{Row: Row{Item: it, Channels: []string{"portal"}, Waits: []string{"person:ma"}}}}}
	cs, err := w.desk.Clocks(context.Background(), by("wu"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Concat(cs.Late, cs.Today, cs.Later) {
		if k.Title != "" || k.Covered != nil || k.Claim != nil || k.Reminder != nil || len(k.Waits) > 0 || k.Digest != "" || k.Channels != nil {
			t.Errorf("a stranger is told %+v", k)
		}
	}
}
