package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"

	"qingyang/workflow"
)

// Sweep halts and resumes what was, serves every delivery whose wish is open, and puts right what differs on channels that
// keep a copy. It is to run every two seconds, outside the job queue: a removal depends on nothing else. A channel that
// does not answer holds the others up for no longer than Timeout.
func (d *Deliverer) Sweep(ctx context.Context) error {
	cs, err := d.parts.Store.Channels(ctx)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	open, err := d.parts.Store.Unsettled(ctx, d.now(), batch)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	// Removals first: what hangs of the rest must not keep them waiting.
	slices.SortStableFunc(open, func(a, b workflow.Delivery) int { return cmp.Compare(min(1, len(a.Want)), min(1, len(b.Want))) })
	errs := make([]error, len(cs))
	var wg sync.WaitGroup
	for i, c := range cs {
		c = c.Standing(d.parts.Signer, d.parts.Seen)
		if drv, ok := d.drivers[c.ID]; ok {
			wg.Go(func() {
				errs[i] = within(ctx, func(ctx context.Context) error { return d.channel(ctx, drv, c, open) })
			})
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (d *Deliverer) channel(ctx context.Context, drv Driver, c workflow.Channel, open []workflow.Delivery) error {
	align := drv.Resume
	if c.State != workflow.ChannelLive {
		align = drv.Halt
	}
	err := align(ctx, c.Gen)
	for _, dl := range open {
		if dl.Channel == c.ID {
			err = errors.Join(err, d.Deliver(ctx, dl.Item, dl.Channel))
		}
	}
	if c.State != workflow.ChannelLive {
		return err
	}
	if k, ok := drv.(Keeper); ok {
		err = errors.Join(err, d.reconcile(ctx, k, c.ID))
	}
	return errors.Join(err, d.patrol(ctx, drv, c.ID))
}

// reconcile compares what stands on a channel with what is proven now: first goes what is not proven, also because its
// window ended; then what is missing or differs is put again.
func (d *Deliverer) reconcile(ctx context.Context, k Keeper, channel string) error {
	seen, err := k.Observe(ctx)
	if err != nil {
		return fmt.Errorf("observe %s: %w", channel, err)
	}
	ps, err := d.shelf.Items(ctx, channel, batch)
	if err != nil {
		return err
	}
	due := map[workflow.ItemID]Notice{}
	for _, p := range ps {
		if n, err := p.Notice(); err == nil { // otherwise its window ended this moment: it goes
			due[n.Item] = n
		}
	}
	var errs []error
	stands, differs := map[workflow.ItemID]bool{}, map[workflow.ItemID]bool{}
	for _, o := range seen {
		n, ok := due[o.Item]
		stands[o.Item], differs[o.Item] = ok && same(o, n), true
		if !ok {
			d.log.WarnContext(ctx, "removing what is not proven", slog.String("channel", channel), slog.Int64("item", int64(o.Item)))
			errs = append(errs, k.Remove(ctx, o.Item, o.Gen))
		}
	}
	for _, p := range ps {
		if n, err := p.Notice(); err == nil && !stands[n.Item] {
			errs = append(errs, d.mend(ctx, k, p, n, differs[n.Item]))
		}
	}
	return errors.Join(errs...)
}

func same(o Observed, n Notice) bool {
	return o.Digest == n.Digest && o.Gen == n.Gen && !slices.ContainsFunc(n.Renditions, func(r workflow.Rendition) bool {
		return o.Hashes[r.Name] != r.SHA256
	})
}

// mend puts again what drifted or, after a halt, is missing, and leaves a record of it. What can't be mended goes dark.
func (d *Deliverer) mend(ctx context.Context, k Keeper, p CleanProof, n Notice, drifted bool) error {
	if drifted {
		d.log.WarnContext(ctx, "channel drifted", slog.String("channel", n.Channel.ID), slog.Int64("item", int64(n.Item)))
	}
	if err := k.Put(ctx, p); err != nil {
		if errors.Is(err, ErrFenced) {
			return nil
		}
		return fmt.Errorf("mend %d on %s: %w", n.Item, n.Channel.ID, errors.Join(err, k.Remove(ctx, n.Item, n.Gen)))
	}
	r := workflow.DeliveryResult{
		Item: n.Item, Channel: n.Channel.ID, Gen: n.Gen, Have: n.Digest, Shown: workflow.Live, At: d.now(),
	}
	r.Record = record(r, n.Digest)
	r.Record.Detail["drifted"] = strconv.FormatBool(drifted)
	_, err := d.write(ctx, r)
	return err
}
