package db

import (
	"context"
	"fmt"

	"qingyang/workflow"
)

// whole returns a case with its relatives.
func (d *DB) whole(ctx context.Context, q querier, id workflow.ItemID) (*workflow.Case, error) {
	c, err := d.load(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return c, d.addRelatives(ctx, q, c)
}

// addRelatives reads the relatives of c, which only few items have.
func (d *DB) addRelatives(ctx context.Context, q querier, c *workflow.Case) error {
	if c.Item.Family == 0 {
		return nil
	}
	if err := d.relatives(ctx, q, c); err != nil {
		return fmt.Errorf("relatives of item %d: %w", c.Item.ID, err)
	}
	return nil
}

func (d *DB) relatives(ctx context.Context, q querier, c *workflow.Case) (err error) {
	c.Relatives, err = collect(ctx, q, func(r scanner, k *workflow.Relative) error {
		return r.Scan(&k.ID, &k.Parent, &k.Kin, &k.State, &k.Number, &k.Title, &words{&k.Covered})
	}, `SELECT id, parent, kin, state, number, title, CASE WHEN id = $1 THEN covered ELSE '' END FROM items WHERE id = $1 OR parent = $2 OR parent = $1 AND parent <> 0 AND id <> $2 ORDER BY id`, c.Item.Parent, c.Item.ID)
	if err != nil {
		return err
	}
	for i, k := range c.Relatives {
		if c.Relatives[i].Deliveries, err = collect(ctx, q, scanDelivery,
			`SELECT `+deliveryColumns+` FROM deliveries WHERE item = $1 ORDER BY channel`, k.ID); err != nil {
			return err
		}
	}
	c.Elders, err = collect(ctx, q, func(r scanner, h *workflow.Hand) error { return r.Scan(&h.Key, &h.Duty) },
		`SELECT key, duty FROM family_hands WHERE family = $1 ORDER BY key`, c.Item.Family)
	return err
}

// elders keeps what people play in it, which is a family's item, for all of the family: of a new family first what they had
// played in its one item. Two who play different duties at once are told apart by the database: the later one is stale.
func (t *Tx) elders(ctx context.Context, it workflow.Item, hs []workflow.Hand) error {
	if it.Family == 0 {
		return nil
	}
	if err := t.do(ctx, "begin family", `INSERT INTO family_hands (family, key, duty) SELECT CAST($1 AS BIGINT), key, duty FROM hands
		WHERE item = $1 ON CONFLICT (family, key) DO NOTHING`, it.Family); err != nil {
		return err
	}
	for _, h := range hs {
		if err := t.doAll(ctx, "insert hand of family", 1, fmt.Errorf("another duty of %s: %w", h.Key, workflow.ErrStale),
			`INSERT INTO family_hands (family, key, duty) VALUES ($1, $2, $3)
			ON CONFLICT (family, key) DO UPDATE SET duty = excluded.duty WHERE family_hands.duty = excluded.duty`, it.Family, h.Key, h.Duty); err != nil {
			return err
		}
	}
	return nil
}
