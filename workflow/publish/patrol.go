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
	p, why := prove(d.parts, c, channel, true)
	if !ok || waits(why) || dl.Want != dl.Have {
		return nil
	}
	var failure error
	if len(why) > 0 {
		failure = &workflow.RefusedError{Reasons: why}
	} else if _, keeps := drv.(Keeper); !keeps {
		failure = drv.Put(ctx, p)
	}
	if failure == nil || ctx.Err() != nil || errors.Is(failure, ErrFenced) || errors.Is(failure, ErrStaleProof) {
		return nil
	}
	return d.darken(ctx, drv, dl, failure)
}

func (d *Deliverer) darken(ctx context.Context, drv Driver, dl workflow.Delivery, failure error) error {
	r := workflow.DeliveryResult{
		Item: dl.Item, Channel: dl.Channel, Gen: dl.Gen, Shown: workflow.Failed, Error: reason(failure), At: d.now(),
	}
	r.Record = record(r, dl.Want)
	_, err := d.write(ctx, r)
	return errors.Join(fmt.Errorf("item %d on %s: %w", dl.Item, dl.Channel, failure), err, drv.Remove(ctx, dl.Item, dl.Gen))
}
