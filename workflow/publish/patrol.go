package publish

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"qingyang/workflow"
)

// rounds remembers which item of each channel is looked at next.
type rounds struct {
	mu   sync.Mutex
	next map[string]int
}

func (r *rounds) turn(channel string, n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = map[string]int{}
	}
	i := r.next[channel] % n
	r.next[channel] = i + 1
	return i
}

// patrol looks at one item that the channel is believed to show: is it proven, are its bytes still there and the same?
// What is not goes dark here and now and is marked as failed, so that people see it and the sweep puts it again once it
// is whole. Screens need no patrol to refuse it: they prove at each fetch.
func (d *Deliverer) patrol(ctx context.Context, drv Driver, channel string) error {
	ids, err := d.parts.Store.Shelf(ctx, channel, batch)
	if err != nil || len(ids) == 0 {
		return err
	}
	c, err := d.parts.Store.Case(ctx, ids[d.rounds.turn(channel, len(ids))])
	if err != nil {
		return fmt.Errorf("patrol of %s: %w", channel, err)
	}
	dl, ok := delivery(c, channel)
	if !ok || dl.Want != dl.Have {
		return nil
	}
	failure := d.doubt(ctx, drv, c, channel)
	if failure == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return d.darken(ctx, drv, dl, failure)
}

// doubt returns what speaks against going on to show c: it is not proven, or its bytes can't be read as approved. That its
// time has not come or is over, or that something newer was wished meanwhile, is nothing to mend.
func (d *Deliverer) doubt(ctx context.Context, drv Driver, c *workflow.Case, channel string) error {
	p, why := prove(d.parts, c, channel, true)
	if waits(why) {
		return nil
	}
	if len(why) > 0 {
		return &workflow.RefusedError{Reasons: why}
	}
	if _, keeps := drv.(Keeper); keeps {
		return nil // what it keeps was compared a moment ago
	}
	if err := drv.Put(ctx, p); !errors.Is(err, ErrFenced) && !errors.Is(err, ErrStaleProof) {
		return err
	}
	return nil
}

func (d *Deliverer) darken(ctx context.Context, drv Driver, dl workflow.Delivery, failure error) error {
	r := workflow.DeliveryResult{
		Item: dl.Item, Channel: dl.Channel, Gen: dl.Gen, Shown: workflow.Failed, Error: reason(failure), At: d.now(),
	}
	r.Record = record(r, dl.Want)
	_, err := d.write(ctx, r)
	return errors.Join(fmt.Errorf("item %d on %s: %w", dl.Item, dl.Channel, failure), err, drv.Remove(ctx, dl.Item, dl.Gen))
}
