package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

const (
	// Timeout is how long a driver may take for one act.
	Timeout = 5 * time.Second
	// leaseTime outlasts Timeout, so that no second worker puts while the first still may.
	leaseTime = Timeout + time.Second
	// batch is how many unsettled deliveries one sweep takes up, and how many items one channel of its own keeps.
	batch = 500
)

// Driver makes one channel show things. Its methods are idempotent, give up when ctx ends, and keep the fence: after an
// act of generation g on an item, Put of a lower one is refused with ErrFenced, at once or an hour later, and so is a Put
// while a newer halt holds.
type Driver interface {
	// Put shows what p proves, in place of an older generation of the item.
	Put(ctx context.Context, p CleanProof) error
	// Remove takes the item away, unless a newer generation stands there. It needs nothing but the channel.
	Remove(ctx context.Context, id workflow.ItemID, gen int64) error
	// Halt shows the maintenance page instead of everything, Resume nothing at all: what belongs there is put again. gen
	// is the channel's own; a lower one than the last is ignored.
	Halt(ctx context.Context, gen int64) error
	Resume(ctx context.Context, gen int64) error
}

// Keeper is a Driver whose channel keeps its own copy. A channel that asks the Shelf at each fetch keeps none.
type Keeper interface {
	Driver
	// Observe says what stands there now.
	Observe(ctx context.Context) ([]Observed, error)
}

// Observed is what stands on a channel under one item's name. Item 0 is what belongs to no item. Hashes has the SHA-256
// of each rendition by name, worked out from what stands there.
type Observed struct {
	Item   workflow.ItemID
	Gen    int64
	Digest string
	Hashes map[string]string
}

// ErrFenced reports a Put that came after a newer act on the same item or channel.
var ErrFenced = errors.New("a newer act came before")

// Deliverer makes channels show what they should, and nothing else. It may be used by many goroutines and nodes.
type Deliverer struct {
	parts   Parts
	shelf   *Shelf
	drivers map[string]Driver
	log     *slog.Logger
	rounds  rounds
}

// New returns a Deliverer to the channels in drivers, by id.
func New(p Parts, drivers map[string]Driver, l *slog.Logger) *Deliverer {
	s := NewShelf(p)
	return &Deliverer{parts: s.parts, shelf: s, drivers: drivers, log: l}
}

// Deliver makes the channel show what id's delivery wants and starts over while the wish changes. What another worker
// holds, and what can't be done now, is left to Sweep. An error is a driver's or the store's; it is on the delivery too.
func (d *Deliverer) Deliver(ctx context.Context, id workflow.ItemID, channel string) error {
	drv, ok := d.drivers[channel]
	if !ok {
		return fmt.Errorf("deliver %d: no channel %s", id, channel)
	}
	for ctx.Err() == nil {
		c, err := d.parts.Store.Case(ctx, id)
		if err != nil {
			return fmt.Errorf("deliver %d to %s: %w", id, channel, err)
		}
		dl, ok := delivery(c, channel)
		if !ok || settled(dl) {
			return nil
		}
		done, err := d.act(ctx, drv, c, dl)
		if err != nil {
			return fmt.Errorf("deliver %d to %s: %w", id, channel, err)
		}
		if done {
			return nil
		}
	}
	return ctx.Err()
}

// settled holds if nothing is to be done. A removal that was wished while a first Put was still under way is not settled,
// although there is nothing to remove: the fence must be there before that Put lands.
func settled(dl workflow.Delivery) bool { return dl.Want == dl.Have && dl.Shown != workflow.Removing }

func delivery(c *workflow.Case, channel string) (workflow.Delivery, bool) {
	for _, d := range c.Deliveries {
		if d.Channel == channel {
			d.Item = c.Item.ID
			return d, true
		}
	}
	return workflow.Delivery{}, false
}

// act serves one wish. It returns false if the wish changed meanwhile.
func (d *Deliverer) act(ctx context.Context, drv Driver, c *workflow.Case, dl workflow.Delivery) (bool, error) {
	if dl.Want == "" {
		// A removal waits for no lease: the driver's fence keeps a Put that is still under way from landing after it.
		return d.settle(ctx, dl, workflow.Removed, within(ctx, func(ctx context.Context) error { return drv.Remove(ctx, dl.Item, dl.Gen) }))
	}
	p, why := prove(d.parts, c, dl.Channel, false)
	if waits(why) {
		return true, nil
	}
	ok, err := d.lease(ctx, dl)
	if err != nil || !ok {
		return true, err
	}
	if len(why) > 0 {
		return d.settle(ctx, dl, workflow.Live, &workflow.RefusedError{Reasons: why})
	}
	return d.settle(ctx, dl, workflow.Live, within(ctx, func(ctx context.Context) error { return drv.Put(ctx, p) }))
}

func within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	return f(ctx)
}

// waits holds if nothing but time, the channel or what still stands there is against showing: that is no failure.
func waits(why []workflow.Reason) bool {
	return len(why) > 0 && !slices.ContainsFunc(why, func(r workflow.Reason) bool {
		return r.Code != "channel_halted" && r.Code != "too_early" && r.Code != "window_over" && r.Code != "parent_shown"
	})
}

func (d *Deliverer) lease(ctx context.Context, dl workflow.Delivery) (ok bool, err error) {
	now := d.now()
	err = d.parts.Store.InTx(ctx, func(tx workflow.Tx) error {
		got, free, err := tx.Lease(ctx, dl.Item, dl.Channel, now, now.Add(leaseTime))
		ok = free && got.Gen == dl.Gen
		return err
	})
	return ok, err
}

func (d *Deliverer) now() time.Time { return d.parts.Now().UTC().Truncate(time.Microsecond) }

// settle writes what came of an act: shown if failure is nil. A failure that stands there already is not written again.
func (d *Deliverer) settle(ctx context.Context, dl workflow.Delivery, shown workflow.Shown, failure error) (bool, error) {
	if errors.Is(failure, ErrFenced) { // a newer wish was served; the sweep sees to whatever is still open
		return true, nil
	}
	r := workflow.DeliveryResult{Item: dl.Item, Channel: dl.Channel, Gen: dl.Gen, Have: dl.Want, Shown: shown, At: d.now()}
	if failure != nil {
		r.Have, r.Shown, r.Error = dl.Have, failed(dl, failure), reason(failure)
		if r.Shown == dl.Shown && r.Error == dl.Error {
			return true, failure
		}
	}
	r.Record = record(r, dl.Want)
	ok, err := d.write(ctx, r)
	return ok || failure != nil, errors.Join(failure, err)
}

func (d *Deliverer) write(ctx context.Context, r workflow.DeliveryResult) (ok bool, err error) {
	err = d.parts.Store.InTx(context.WithoutCancel(ctx), func(tx workflow.Tx) error {
		ok, err = tx.Deliver(ctx, r)
		return err
	})
	return ok, err
}

func failed(dl workflow.Delivery, err error) workflow.Shown {
	switch {
	case dl.Want == "":
		return workflow.Removing
	case errors.Is(err, context.DeadlineExceeded):
		return workflow.Unreachable
	}
	return workflow.Failed
}

// reason puts a failure in words for the operator that never hold an item's text.
func reason(err error) string {
	var refused *workflow.RefusedError
	switch {
	case errors.As(err, &refused):
		return "unproven: " + strings.Join(codes(refused.Reasons), " ")
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ErrChanged):
		return "changed"
	}
	return "driver"
}

func codes(rs []workflow.Reason) []string {
	var cs []string
	for _, r := range rs {
		cs = append(cs, r.Code)
	}
	return cs
}

func record(r workflow.DeliveryResult, want string) ledger.Record {
	rec := ledger.Record{
		At: r.At, Person: "system", Name: "系统", Role: string(workflow.System), Event: string(workflow.Delivered),
		Item: int64(r.Item), Digest: cmp.Or(want, r.Have), Result: ledger.Done,
		Detail: map[string]string{"channel": r.Channel, "shown": string(r.Shown), "gen": strconv.FormatInt(r.Gen, 10)},
	}
	if r.Error != "" {
		rec.Result, rec.Reasons = ledger.Refused, strings.Fields(r.Error)
	}
	return rec
}

// Confirm notes that a screen says it shows the digest of an item: a live delivery becomes verified. Anything else that a
// screen may say changes nothing.
func (d *Deliverer) Confirm(ctx context.Context, channel, number, digest string) error {
	id, err := d.parts.Store.ByNumber(ctx, number)
	if err != nil {
		return fmt.Errorf("confirm %s on %s: %w", number, channel, err)
	}
	c, err := d.parts.Store.Case(ctx, id)
	if err != nil {
		return fmt.Errorf("confirm %d on %s: %w", id, channel, err)
	}
	dl, ok := delivery(c, channel)
	if !ok || digest == "" || dl.Want != digest || dl.Have != digest || dl.Shown != workflow.Live {
		return nil
	}
	_, err = d.settle(ctx, dl, workflow.Verified, nil)
	return err
}
