package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"qingyang/workflow"
)

func (f Fixture) wanted(tb testing.TB, id workflow.ItemID, at time.Time, ws ...workflow.Want) {
	tb.Helper()
	f.changed(tb, id, func(ch *workflow.Change) { ch.Wants, ch.Record.At = ws, at })
}

func (f Fixture) delivered(tb testing.TB, r workflow.DeliveryResult) (ok bool) {
	tb.Helper()
	f.write(tb, func(ctx context.Context, tx workflow.Tx) (err error) {
		ok, err = tx.Deliver(ctx, r)
		return err
	})
	return ok
}

// deliveries: a generation is a wish; a result of an older one writes nothing; the version never moves; the shelf has what
// is wanted and there.
// Mutant: a generation that grows with an unchanged wish; a result of an older one accepted.
func deliveries(t *testing.T, f Fixture) {
	f.furnished(t)
	id := f.created(t)
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	f.wanted(t, id, at(1), workflow.Want{Channel: "led", Digest: "d1"}, workflow.Want{Channel: "portal"})
	want := workflow.Delivery{Item: id, Channel: "led", Want: "d1", Gen: 1, Shown: workflow.Pending, At: at(1)}
	equal(t, "wanted", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	version := f.loaded(t, id).Item.Version

	for _, tries := range []int{1, 2} {
		r := workflow.DeliveryResult{Item: id, Channel: "led", Gen: 1, Shown: workflow.Failed, Error: "no answer", At: at(2), Record: record("delivered", int64(id))}
		equal(t, "failed", f.delivered(t, r), true)
		want.Shown, want.Tries, want.Error, want.At = workflow.Failed, tries, "no answer", at(2)
		equal(t, "after a failure", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	}
	equal(t, "put", f.delivered(t, workflow.DeliveryResult{
		Item: id, Channel: "led", Gen: 1, Have: "d1", Shown: workflow.Live, At: at(3), Record: record("delivered", int64(id)),
	}), true)
	want.Have, want.Shown, want.Tries, want.Error, want.At = "d1", workflow.Live, 0, "", at(3)
	equal(t, "live", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	f.shelved(t, "led", id)
	f.unsettled(t, at(9))

	f.wanted(t, id, at(4), workflow.Want{Channel: "led", Digest: "d1"})
	equal(t, "the same wish", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	f.wanted(t, id, at(5), workflow.Want{Channel: "led"})
	want.Want, want.Gen, want.Shown, want.At = "", 2, workflow.Removing, at(5)
	equal(t, "unwanted", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	f.shelved(t, "led")
	f.unsettled(t, at(9), want)

	records := f.counted(t, "audit")
	late := workflow.DeliveryResult{Item: id, Channel: "led", Gen: 1, Have: "d1", Shown: workflow.Live, At: at(6), Record: record("delivered", int64(id))}
	equal(t, "an older generation", f.delivered(t, late), false)
	equal(t, "after it", f.loaded(t, id).Deliveries, []workflow.Delivery{want})
	equal(t, "records", f.counted(t, "audit"), records)
	equal(t, "version", f.loaded(t, id).Item.Version, version+2)
}

func (f Fixture) shelved(tb testing.TB, channel string, want ...workflow.ItemID) {
	tb.Helper()
	got, err := f.Shelf(tb.Context(), channel, 10)
	must(tb, err)
	equal(tb, "shelf", got, want)
}

func (f Fixture) unsettled(tb testing.TB, now time.Time, want ...workflow.Delivery) {
	tb.Helper()
	got, err := f.Unsettled(tb.Context(), now, 10)
	must(tb, err)
	equal(tb, "unsettled", got, want)
}

// lease: one worker at a time, until the lease ends or the result is written.
// Mutant: a lease taken while another holds it.
func lease(t *testing.T, f Fixture) {
	f.furnished(t)
	id := f.created(t)
	f.wanted(t, id, noon, workflow.Want{Channel: "led", Digest: "d1"})
	want := workflow.Delivery{Item: id, Channel: "led", Want: "d1", Gen: 1, Shown: workflow.Pending, At: noon}
	take := func(now time.Time, ok bool) {
		t.Helper()
		f.write(t, func(ctx context.Context, tx workflow.Tx) error {
			d, got, err := tx.Lease(ctx, id, "led", now, now.Add(10*time.Second))
			equal(t, "leased", got, ok)
			if ok {
				want.Lease = now.Add(10 * time.Second)
			}
			equal(t, "delivery", d, want)
			return err
		})
	}
	f.unsettled(t, noon, want)
	take(noon, true)
	take(noon.Add(9*time.Second), false)
	f.unsettled(t, noon.Add(9*time.Second))
	f.unsettled(t, noon.Add(10*time.Second), want)
	take(noon.Add(10*time.Second), true)
	equal(t, "put", f.delivered(t, workflow.DeliveryResult{Item: id, Channel: "led", Gen: 1, Shown: workflow.Failed, Error: "x", At: noon}), true)
	want.Shown, want.Error, want.Tries, want.Lease = workflow.Failed, "x", 1, time.Time{}
	take(noon.Add(11*time.Second), true)

	err := f.InTx(t.Context(), func(tx workflow.Tx) error {
		_, _, err := tx.Lease(t.Context(), id, "portal", noon, noon)
		return err
	})
	equal(t, "nothing wanted", errors.Is(err, workflow.ErrMissing), true)
}

// house: the latest setup comes back whole, device keys too; a channel keeps its state through a new setup.
func house(t *testing.T, f Fixture) {
	_, err := f.Setup(t.Context())
	equal(t, "none yet", errors.Is(err, workflow.ErrMissing), true)
	s := f.furnished(t)
	got, err := f.Setup(t.Context())
	must(t, err)
	s.Version = 1
	equal(t, "setup", got, s)
	halted := s.Channels[1]
	halted.State, halted.By, halted.Reason = workflow.ChannelHalted, "wu", "乱码"
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		return tx.SetChannel(ctx, halted, record("halt_channel", 0))
	})
	s.House, s.Channels[1].Name, s.Channels[1].Key, s.Version = "新中心", "大厅条屏", "other", 2
	f.write(t, func(ctx context.Context, tx workflow.Tx) error { return tx.PutSetup(ctx, s, record("configure", 0)) })
	got, err = f.Setup(t.Context())
	must(t, err)
	equal(t, "second setup", got, s)
	now, err := f.Channels(t.Context())
	must(t, err)
	want := []workflow.Channel{s.Channels[0], s.Channels[1]}
	want[1].State, want[1].By, want[1].Reason, want[1].Gen = workflow.ChannelHalted, "wu", "乱码", 1
	equal(t, "channels", now, want)
	equal(t, "records", f.counted(t, "audit"), 3)
}

// halt: a channel changes from the generation seen, or not at all.
// Mutant: without gen in SetChannel's WHERE.
func halt(t *testing.T, f Fixture) {
	s := f.furnished(t)
	set := func(c workflow.Channel) error {
		return f.InTx(t.Context(), func(tx workflow.Tx) error { return tx.SetChannel(t.Context(), c, record("halt_channel", 0)) })
	}
	c := s.Channels[0]
	c.State = workflow.ChannelHalted
	must(t, set(c))
	equal(t, "stale", errors.Is(set(c), workflow.ErrStale), true)
	c.ID = "none"
	equal(t, "missing", errors.Is(set(c), workflow.ErrMissing), true)
	now, err := f.Channels(t.Context())
	must(t, err)
	equal(t, "generation", now[0].Gen, 1)
	equal(t, "records", f.counted(t, "audit"), 2)
}
