package publish_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// wall is a screen that keeps what it is told, with the fence that every driver has. Before it puts it may dawdle.
type wall struct {
	mu     sync.Mutex
	gens   map[workflow.ItemID]int64
	shows  map[workflow.ItemID]publish.Observed
	halted bool
	gen    int64
	dawdle func(context.Context) error
	fail   error
	puts   int
}

func newWall() *wall {
	return &wall{gens: map[workflow.ItemID]int64{}, shows: map[workflow.ItemID]publish.Observed{}}
}

func (w *wall) Put(ctx context.Context, p publish.CleanProof) error {
	n, err := p.Notice()
	if err != nil {
		return err
	}
	hashes := map[string]string{}
	for _, r := range n.Renditions {
		if _, err := p.Rendition(ctx, r.Name); err != nil {
			return err
		}
		hashes[r.Name] = r.SHA256
	}
	if w.dawdle != nil {
		if err := w.dawdle(ctx); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.puts++
	if w.fail != nil {
		return w.fail
	}
	if w.halted || w.gens[n.Item] > n.Gen || w.gen > n.Channel.Gen {
		return publish.ErrFenced
	}
	w.gens[n.Item] = n.Gen
	w.shows[n.Item] = publish.Observed{Item: n.Item, Gen: n.Gen, Digest: n.Digest, Hashes: hashes}
	return nil
}

func (w *wall) Remove(_ context.Context, id workflow.ItemID, gen int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return w.fail
	}
	if w.gens[id] <= gen {
		w.gens[id] = gen
		delete(w.shows, id)
	}
	return nil
}

func (w *wall) Halt(_ context.Context, gen int64) error   { return w.state(gen, true) }
func (w *wall) Resume(_ context.Context, gen int64) error { return w.state(gen, false) }

func (w *wall) state(gen int64, halted bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if gen > w.gen {
		w.gen, w.halted = gen, halted
		clear(w.shows)
	}
	return nil
}

func (w *wall) Observe(context.Context) ([]publish.Observed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.shows)), nil
}

func (w *wall) items() []workflow.ItemID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.shows))
}

func same(a, b []workflow.ItemID) bool { return slices.Equal(a, b) || len(a)+len(b) == 0 }

func delivery(t *testing.T, w *publishtest.World, id workflow.ItemID) workflow.Delivery {
	t.Helper()
	c, err := w.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.Deliveries[0]
}

func TestDeliver(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	c := w.Publish(1, false, publishtest.Notice("甲", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	for range 2 { // twice is once
		if err := d.Deliver(t.Context(), 1, "tv"); err != nil {
			t.Fatal(err)
		}
	}
	got := delivery(t, w, 1)
	if got.Have != c.Item.Digest || got.Shown != workflow.Live || screen.puts != 1 || !same(screen.items(), []workflow.ItemID{1}) {
		t.Errorf("after publishing: %+v, %d puts, %v", got, screen.puts, screen.items())
	}
	w.Suspend(1)
	if err := d.Deliver(t.Context(), 1, "tv"); err != nil {
		t.Fatal(err)
	}
	got = delivery(t, w, 1)
	if got.Have != "" || got.Shown != workflow.Removed || len(screen.items()) != 0 {
		t.Errorf("after suspension: %+v, %v", got, screen.items())
	}
	if len(w.Records) != 2 || w.Records[0].Event != string(workflow.Delivered) || w.Records[1].Detail["shown"] != "removed" {
		t.Errorf("records %+v", w.Records)
	}
	if err := d.Deliver(t.Context(), 1, "fax"); err == nil {
		t.Error("no driver, no error")
	}
}

// TestDeliverFails: a failure is on the delivery and the log, once for as long as it is the same; what is removed stays
// wanted away until it is.
func TestDeliverFails(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	w.Publish(1, false, publishtest.Notice("甲", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	screen.fail = errors.New("socket: 甲的正文")
	for range 3 {
		if err := d.Deliver(t.Context(), 1, "tv"); !errors.Is(err, screen.fail) {
			t.Fatal(err)
		}
		w.Pass(10 * time.Second)
	}
	got := delivery(t, w, 1)
	if got.Have != "" || got.Shown != workflow.Failed || got.Error != "driver" || len(w.Records) != 1 {
		t.Errorf("%+v, %d records", got, len(w.Records))
	}
	w.Suspend(1)
	w.Change(1, func(c *workflow.Case) { c.Deliveries[0].Have = "old" })
	if err := d.Sweep(t.Context()); !errors.Is(err, screen.fail) {
		t.Fatal(err)
	}
	if got = delivery(t, w, 1); got.Shown != workflow.Removing || got.Have != "old" {
		t.Errorf("%+v", got)
	}
	screen.fail = nil
	if err := d.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got = delivery(t, w, 1); got.Shown != workflow.Removed || got.Have != "" {
		t.Errorf("%+v", got)
	}
}

func TestUnprovenIsNotPut(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	c := w.Publish(1, false, publishtest.Notice("甲", "tv"))
	c.Decisions[2].Opinion = "改过"
	err := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet).Deliver(t.Context(), 1, "tv")
	var refused *workflow.RefusedError
	if !errors.As(err, &refused) || screen.puts != 0 {
		t.Errorf("%v, %d puts", err, screen.puts)
	}
	if got := delivery(t, w, 1); got.Shown != workflow.Failed || got.Error != "unproven: signature" {
		t.Errorf("%+v", got)
	}
}

// TestLease: two workers, one put; a removal waits for no lease.
func TestLease(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	w.Publish(1, false, publishtest.Notice("甲", "tv"))
	inPut, goOn := make(chan bool), make(chan bool)
	screen.dawdle = func(context.Context) error { inPut <- true; <-goOn; return nil }
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	done := make(chan error)
	go func() { done <- d.Deliver(t.Context(), 1, "tv") }()
	<-inPut
	if err := d.Deliver(t.Context(), 1, "tv"); err != nil {
		t.Fatal(err)
	}
	w.Suspend(1)
	if err := d.Deliver(t.Context(), 1, "tv"); err != nil {
		t.Fatal(err)
	}
	if got := delivery(t, w, 1); got.Shown != workflow.Removing && got.Shown != workflow.Removed {
		t.Errorf("%+v", got)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if screen.puts != 1 || len(screen.items()) != 0 {
		t.Errorf("%d puts, shown %v", screen.puts, screen.items())
	}
}

func TestTimeout(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	w.Publish(1, false, publishtest.Notice("甲", "tv"))
	screen.dawdle = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := d.Deliver(ctx, 1, "tv"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if got := delivery(t, w, 1); got.Shown != workflow.Unreachable || got.Error != "timeout" {
		t.Errorf("%+v", got)
	}
}

// TestHaltAndDrift: a halted channel is emptied and stays so; resumed, it is filled again by proof alone; what differs is
// put right, what is foreign goes.
func TestHaltAndDrift(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	w.Publish(1, false, publishtest.Notice("甲", "tv"))
	w.Publish(2, false, publishtest.Notice("乙", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	step := func(what string, want ...workflow.ItemID) {
		t.Helper()
		var refused *workflow.RefusedError // the patrol may come upon what is not proven
		if err := d.Sweep(t.Context()); err != nil && !errors.As(err, &refused) {
			t.Fatal(what, err)
		}
		if got := screen.items(); !same(got, want) {
			t.Errorf("%s: shows %v, want %v", what, got, want)
		}
	}
	step("published", 1, 2)
	w.SetState("tv", workflow.ChannelHalted)
	step("halted")
	w.Publish(3, false, publishtest.Notice("丙", "tv"))
	step("published while halted")
	if got := delivery(t, w, 3); got.Shown != workflow.Pending || got.Error != "" {
		t.Errorf("waiting delivery: %+v", got)
	}
	w.SetState("tv", workflow.ChannelLive)
	w.Pass(10 * time.Second)
	step("resumed", 1, 2, 3)
	screen.shows[1] = publish.Observed{Item: 1, Gen: 1, Digest: screen.shows[1].Digest, Hashes: map[string]string{"page.html": "other"}}
	screen.shows[99] = publish.Observed{Item: 99, Gen: 7, Digest: "injected"}
	step("drifted", 1, 2, 3)
	if len(screen.shows[1].Hashes["page.html"]) != 64 {
		t.Errorf("not put right: %+v", screen.shows[1])
	}
	drifts := slices.DeleteFunc(slices.Clone(w.Records), func(r ledger.Record) bool { return r.Detail["drifted"] != "true" })
	if len(drifts) != 1 || drifts[0].Item != 1 {
		t.Errorf("records of drift: %+v", drifts)
	}
	w.Change(2, func(c *workflow.Case) { c.Decisions[1].Sig = "" })
	step("no longer proven", 1, 3)
	w.Pass(31 * 24 * time.Hour)
	step("windows over")
}

// TestBrokenBlob: what drifted and can't be put again goes dark.
func TestBrokenBlob(t *testing.T) {
	w, screen := publishtest.New(), newWall()
	c := w.Publish(1, false, publishtest.Notice("甲", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	if err := d.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Spoil(c.Revision.Renditions[0].SHA256, []byte("57365线路检测中心"))
	screen.shows[1] = publish.Observed{Item: 1, Gen: 1, Digest: "other"}
	if err := d.Sweep(t.Context()); !errors.Is(err, publish.ErrChanged) {
		t.Fatal(err)
	}
	if got := screen.items(); len(got) != 0 {
		t.Errorf("shows %v", got)
	}
}

// fetched is a screen that keeps no copy: Put only reads.
type fetched struct{ publish.Driver }

// TestPatrol: a blob that goes bad on a channel without a copy of its own is found by one of the next sweeps, is dark and
// on record, and live again once the blob is whole.
func TestPatrol(t *testing.T) {
	w := publishtest.New()
	c := w.Publish(1, true, publishtest.Notice("甲", "tv"))
	w.Publish(2, true, publishtest.Notice("乙", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": fetched{newWall()}}, quiet)
	sweeps := func(want workflow.Shown) error {
		t.Helper()
		var errs error
		for range 3 {
			errs = errors.Join(errs, d.Sweep(t.Context()))
			w.Pass(10 * time.Second)
		}
		if got := delivery(t, w, 1); got.Shown != want || (got.Have == "") != (want == workflow.Failed) {
			t.Errorf("%+v, want %s", got, want)
		}
		if got := delivery(t, w, 2); got.Shown != workflow.Live {
			t.Errorf("the other one: %+v", got)
		}
		return errs
	}
	if err := sweeps(workflow.Live); err != nil {
		t.Fatal(err)
	}
	page, err := w.Open(t.Context(), c.Revision.Renditions[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	good, err := io.ReadAll(page)
	if err != nil {
		t.Fatal(err)
	}
	w.Spoil(c.Revision.Renditions[0].SHA256, []byte("x"))
	if err := sweeps(workflow.Failed); !errors.Is(err, publish.ErrChanged) {
		t.Error(err)
	}
	if got := delivery(t, w, 1); got.Error != "changed" {
		t.Errorf("%+v", got)
	}
	w.Spoil(c.Revision.Renditions[0].SHA256, good)
	if err := sweeps(workflow.Live); err != nil {
		t.Error(err)
	}
	w.Change(1, func(c *workflow.Case) { c.Decisions[3].Sig = "" })
	if err := sweeps(workflow.Failed); err == nil {
		t.Error("no error")
	}
}

func TestConfirm(t *testing.T) {
	w := publishtest.New()
	c := w.Publish(1, true, publishtest.Notice("甲", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": newWall()}, quiet)
	if err := d.Confirm(t.Context(), "tv", c.Item.Number, "other"); err != nil || delivery(t, w, 1).Shown != workflow.Live {
		t.Errorf("another digest: %v, %+v", err, delivery(t, w, 1))
	}
	for range 2 {
		if err := d.Confirm(t.Context(), "tv", c.Item.Number, c.Item.Digest); err != nil {
			t.Fatal(err)
		}
	}
	if got := delivery(t, w, 1); got.Shown != workflow.Verified || got.Have != c.Item.Digest || len(w.Records) != 1 {
		t.Errorf("%+v, %d records", got, len(w.Records))
	}
}

// TestRaces: publishing, suspending, halting, sweeping and slow screens at once, from several workers. Once an item is not
// wanted and the sweeps have come to rest, it is not shown. The mutants that this dies of: a Put that ignores the fence, a
// removal that sets none, settle that believes an older generation.
func TestRaces(t *testing.T) {
	n := 300
	if os.Getenv("QINGYANG_FULL") != "" {
		n = 10000
	}
	for i := range n {
		race(t, rand.New(rand.NewPCG(1, uint64(i))))
		if t.Failed() {
			t.Fatalf("in race %d", i)
		}
	}
}

func race(t *testing.T, rnd *rand.Rand) {
	w, screen := publishtest.New(), newWall()
	waits := make([]time.Duration, 8)
	for i := range waits {
		waits[i] = time.Duration(rnd.IntN(300)) * time.Microsecond
	}
	var k int
	var mu sync.Mutex
	screen.dawdle = func(context.Context) error {
		mu.Lock()
		k++
		d := waits[k%len(waits)]
		mu.Unlock()
		time.Sleep(d)
		return nil
	}
	w.Publish(1, false, publishtest.Notice("甲", "tv"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"tv": screen}, quiet)
	var wg sync.WaitGroup
	run := func(f func() error) {
		wg.Go(func() {
			if err := f(); err != nil && !strings.Contains(fmt.Sprint(err), "unproven") {
				var refused *workflow.RefusedError
				if !errors.As(err, &refused) {
					t.Error(err)
				}
			}
		})
	}
	after := waits[rnd.IntN(8)]
	run(func() error { return d.Deliver(t.Context(), 1, "tv") })
	run(func() error { return d.Sweep(t.Context()) })
	run(func() error { time.Sleep(after); w.Suspend(1); return d.Deliver(t.Context(), 1, "tv") })
	run(func() error { time.Sleep(after / 2); return d.Sweep(t.Context()) })
	wg.Wait()
	w.Pass(time.Minute)
	if err := d.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if got := screen.items(); len(got) != 0 {
		t.Errorf("shown after its removal: %v, %+v", got, delivery(t, w, 1))
	}
	if got := delivery(t, w, 1); got.Have != "" {
		t.Errorf("%+v", got)
	}
}
