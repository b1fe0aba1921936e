package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"qingyang/workflow"
)

// itemColumns are those that scanItem reads.
const itemColumns = `i.id, i.version, i.state, i.revision, i.round, i.digest, i.number, i.class, i.urgency, i.unit, i.author,
	i.author_name, i.title, i.site_column, i.route, i.undisposed, i.pack, i.created, i.since, i.due`

func itemDest(it *workflow.Item) []any {
	return []any{
		&it.ID, &it.Version, &it.State, &it.Revision, &it.Round, &it.Digest, &it.Number, &it.Class, &it.Urgency, &it.Unit, &it.Author,
		&it.AuthorName, &it.Title, &it.Column, &it.Route, &it.Open, &it.Pack, timeColumn{&it.Created}, timeColumn{&it.Since}, timeColumn{&it.Due},
	}
}

// Case implements workflow.Store.
func (d *DB) Case(ctx context.Context, id workflow.ItemID) (c *workflow.Case, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		c, err = d.load(ctx, q, id, "")
		return err
	})
	return c, err
}

// Load implements workflow.Tx.
func (t *Tx) Load(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	return t.d.load(context.WithoutCancel(ctx), t.tx, id, t.d.forUpdate())
}

func (d *DB) load(ctx context.Context, q querier, id workflow.ItemID, lock string) (*workflow.Case, error) {
	c := &workflow.Case{}
	dest := append(itemDest(&c.Item), jsonColumn{&c.Revision}, jsonColumn{&c.Route})
	err := one(q.QueryRowContext(ctx, `SELECT `+itemColumns+`, r.body, o.body FROM items i
		JOIN revisions r ON r.item = i.id AND r.n = i.revision AND r.edition = i.edition
		LEFT JOIN routes o ON o.name = i.route WHERE i.id = $1`+lock, id), dest...)
	if err == nil {
		err = loadPast(ctx, q, c)
	}
	if err == nil {
		err = loadPresent(ctx, q, c)
	}
	if err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	return c, nil
}

// loadPast reads what people did with the item.
func loadPast(ctx context.Context, q querier, c *workflow.Case) (err error) {
	id := c.Item.ID
	if c.Decisions, err = collect(ctx, q, func(r scanner, d *workflow.Decision) error { return r.Scan(jsonColumn{d}) },
		`SELECT body FROM decisions WHERE item = $1 ORDER BY n`, id); err != nil {
		return err
	}
	if c.Hands, err = collect(ctx, q, func(r scanner, h *workflow.Hand) error { return r.Scan(&h.Key, &h.Duty) },
		`SELECT key, duty FROM hands WHERE item = $1 ORDER BY key`, id); err != nil {
		return err
	}
	c.Audience, err = collect(ctx, q, scalar[string], `SELECT key FROM audience WHERE item = $1 ORDER BY key`, id)
	return err
}

// loadPresent reads what is known of the present revision.
func loadPresent(ctx context.Context, q querier, c *workflow.Case) (err error) {
	id, n := c.Item.ID, c.Item.Revision
	if c.Findings, err = collect(ctx, q, func(r scanner, f *workflow.Finding) error { return r.Scan(jsonColumn{f}) },
		`SELECT body FROM findings WHERE item = $1 AND revision = $2 ORDER BY pos`, id, n); err != nil {
		return err
	}
	err = one(q.QueryRowContext(ctx, `SELECT body FROM scans WHERE item = $1 AND revision = $2`, id, n), jsonColumn{&c.Scan})
	if err != nil && !errors.Is(err, workflow.ErrMissing) {
		return err
	}
	if c.Deliveries, err = collect(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries WHERE item = $1 ORDER BY channel`, id); err != nil {
		return err
	}
	all, err := channels(ctx, q)
	for _, w := range c.Revision.Content.Channels {
		if i := slices.IndexFunc(all, func(ch workflow.Channel) bool { return ch.ID == w.ID }); i >= 0 {
			c.Channels = append(c.Channels, all[i])
		}
	}
	return err
}

// RevisionOf implements workflow.Store.
func (d *DB) RevisionOf(ctx context.Context, id workflow.ItemID, n int) (r workflow.Revision, err error) {
	if err = one(d.r.QueryRowContext(ctx, `SELECT body FROM revisions WHERE item = $1 AND n = $2 ORDER BY edition DESC LIMIT 1`, id, n), jsonColumn{&r}); err != nil {
		return workflow.Revision{}, fmt.Errorf("revision %d of item %d: %w", n, id, err)
	}
	return r, nil
}

// Revisions implements workflow.Store.
func (d *DB) Revisions(ctx context.Context, id workflow.ItemID) ([]workflow.Revision, error) {
	rs, err := collect(ctx, d.r, func(r scanner, v *workflow.Revision) error {
		err := r.Scan(jsonColumn{v})
		v.Content.BodyHTML = ""
		return err
	}, `SELECT r.body FROM revisions r WHERE r.item = $1
		AND r.edition = (SELECT max(e.edition) FROM revisions e WHERE e.item = r.item AND e.n = r.n) ORDER BY r.n`, id)
	if err != nil {
		return nil, fmt.Errorf("revisions of item %d: %w", id, err)
	}
	return rs, nil
}
