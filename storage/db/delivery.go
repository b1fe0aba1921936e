package db

import (
	"context"
	"fmt"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

const deliveryColumns = `item, channel, want, have, gen, shown, tries, error, at, lease`

func scanDelivery(r scanner, d *workflow.Delivery) error {
	return one(r, deliveryDest(d)...)
}

func deliveryDest(d *workflow.Delivery) []any {
	return []any{&d.Item, &d.Channel, &d.Want, &d.Have, &d.Gen, &d.Shown, &d.Tries, &d.Error, &timeColumn{&d.At}, &timeColumn{&d.Lease}}
}

// wants changes only what differs: the generation counts changes of the wish, and a channel that never had a wish has none
// for nothing.
func (t *Tx) wants(ctx context.Context, id workflow.ItemID, ch workflow.Change) error {
	for _, w := range ch.Wants {
		shown, from := workflow.Pending, "VALUES ("+wish+")"
		if w.Digest == "" {
			shown, from = workflow.Removing, "SELECT "+wish+" WHERE EXISTS (SELECT 1 FROM deliveries WHERE item = $1 AND channel = $2)"
		}
		if err := t.do(ctx, "put want", `INSERT INTO deliveries (`+deliveryColumns+`) `+from+` ON CONFLICT (item, channel) DO UPDATE
			SET want = excluded.want, gen = deliveries.gen + 1, shown = excluded.shown, tries = 0, error = '', at = excluded.at
			WHERE deliveries.want <> excluded.want`, id, w.Channel, w.Digest, shown, micros(ch.Record.At)); err != nil {
			return err
		}
	}
	return nil
}

// wish is the row of a first wish; the types are said because PostgreSQL can't tell those of a SELECT.
const wish = `CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), '', 1, CAST($4 AS TEXT), 0, '', CAST($5 AS BIGINT), 0`

// Deliver implements workflow.Tx. It gives the lease back. A record without an event is not written: a further failure of
// the same kind is no change.
func (t *Tx) Deliver(ctx context.Context, r workflow.DeliveryResult) (bool, error) {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "deliver", `UPDATE deliveries SET have = $1, shown = $2, error = $3, at = $4, lease = 0,
		tries = CASE WHEN $3 = '' THEN 0 ELSE tries + 1 END WHERE item = $5 AND channel = $6 AND gen = $7`,
		r.Have, r.Shown, r.Error, micros(r.At), r.Item, r.Channel, r.Gen)
	if err != nil || n == 0 {
		return false, err
	}
	if r.Record.Event == "" {
		return true, nil
	}
	return true, t.Note(ctx, r.Record)
}

// Lease implements workflow.Tx. workflow.ErrMissing if nothing was ever wanted there.
func (t *Tx) Lease(ctx context.Context, id workflow.ItemID, channel string, now, until time.Time) (d workflow.Delivery, ok bool, err error) {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "lease", `UPDATE deliveries SET lease = $1 WHERE item = $2 AND channel = $3 AND lease <= $4`,
		micros(until), id, channel, micros(now))
	if err != nil {
		return d, false, err
	}
	err = scanDelivery(t.tx.QueryRowContext(ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE item = $1 AND channel = $2`, id, channel), &d)
	if err != nil {
		return workflow.Delivery{}, false, fmt.Errorf("lease item %d on %s: %w", id, channel, err)
	}
	return d, n == 1, nil
}

// SetPack implements workflow.Tx. It does not raise the version.
func (t *Tx) SetPack(ctx context.Context, id workflow.ItemID, digest, sha string, rec ledger.Record) (bool, error) {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "set pack", `UPDATE items SET pack = $1 WHERE id = $2 AND digest = $3`, sha, id, digest)
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.Note(ctx, rec)
}

// Shelf implements workflow.Store.
func (d *DB) Shelf(ctx context.Context, channel string, limit int) ([]workflow.ItemID, error) {
	ids, err := collect(ctx, d.r, scalar[workflow.ItemID], `SELECT item FROM deliveries WHERE channel = $1 AND want = have AND want <> ''
		ORDER BY at DESC, item DESC LIMIT $2`, channel, limit)
	if err != nil {
		return nil, fmt.Errorf("shelf of %s: %w", channel, err)
	}
	return ids, nil
}

// Unsettled implements workflow.Store. Removals come first.
func (d *DB) Unsettled(ctx context.Context, now time.Time, limit int) ([]workflow.Delivery, error) {
	ds, err := collect(ctx, d.r, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries WHERE want <> have AND lease <= $1
		ORDER BY CASE WHEN want = '' THEN 0 ELSE 1 END, at, item, channel LIMIT $2`, micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("unsettled deliveries: %w", err)
	}
	return ds, nil
}

// Ended implements workflow.Store. A window without an end on a channel with default days ends so many days after publishing.
func (d *DB) Ended(ctx context.Context, now time.Time, limit int) ([]workflow.ItemID, error) {
	var all []workflow.ItemID
	for _, s := range []workflow.State{workflow.Registered, workflow.Scheduled, workflow.Published} {
		ids, err := collect(ctx, d.r, scalar[workflow.ItemID], `SELECT id FROM items WHERE state = $1 AND ends <= $2 ORDER BY ends, id LIMIT $3`,
			s, micros(now), limit)
		if err != nil {
			return nil, fmt.Errorf("ended items: %w", err)
		}
		all = append(all, ids...)
	}
	return all[:min(len(all), limit)], nil
}
