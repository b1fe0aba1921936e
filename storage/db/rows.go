package db

import (
	"context"
	"fmt"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// EachRecord calls f with every record, the placed ones in order, then those that the sequencer has yet to place, as if they
// came next.
func (d *DB) EachRecord(ctx context.Context, f func(seq int64, rec ledger.Record) error) error {
	next := int64(0)
	each := func(seq int64, leaf []byte, _ []ledger.Hash) error {
		rec, err := ledger.Parse(leaf)
		if err != nil {
			return err
		}
		next = seq + 1
		return f(seq, rec)
	}
	return d.inSnapshot(ctx, func(q querier) error {
		if err := eachRecord(ctx, q, each); err != nil {
			return err
		}
		rest, err := collect(ctx, q, scalar[string], `SELECT a.body FROM pending p JOIN audit a ON a.id = p.audit ORDER BY p.audit`)
		for _, body := range rest {
			if err == nil {
				err = each(next, []byte(body), nil)
			}
		}
		return err
	})
}

// EveryID returns the numbers of items, whatever their state, after the given one.
func (d *DB) EveryID(ctx context.Context, after workflow.ItemID, limit int) ([]workflow.ItemID, error) {
	return collect(ctx, d.r, scalar[workflow.ItemID], `SELECT id FROM items WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// Misfiled returns the id of the first record whose item or time is not in its row as it is in the record, 0 if none is.
func (d *DB) Misfiled(ctx context.Context) (id int64, err error) {
	type filed struct {
		id, item, at int64
		rec          ledger.Record
	}
	rows, err := collect(ctx, d.r, func(r scanner, x *filed) error { return r.Scan(&x.id, &x.item, &x.at, jsonColumn{&x.rec}) },
		`SELECT id, item, at, body FROM audit ORDER BY id`)
	for _, x := range rows {
		if x.item != x.rec.Item || x.at != micros(x.rec.At) {
			return x.id, nil
		}
	}
	return 0, err
}

// Setups returns every configuration, the oldest first, and the routes by name.
func (d *DB) Setups(ctx context.Context) ([]workflow.Setup, map[string]workflow.Route, error) {
	all, err := collect(ctx, d.r, func(r scanner, s *workflow.Setup) error {
		var stored storedSetup
		if err := r.Scan(jsonColumn{&stored}, &stored.Word); err != nil {
			return err
		}
		*s = stored.whole()
		return nil
	}, `SELECT body, word FROM setups ORDER BY version`)
	if err != nil {
		return nil, nil, fmt.Errorf("configurations: %w", err)
	}
	type named struct {
		name string
		workflow.Route
	}
	rs, err := collect(ctx, d.r, func(r scanner, n *named) error { return r.Scan(&n.name, jsonColumn{&n.Route}) }, `SELECT name, body FROM routes`)
	if err != nil {
		return nil, nil, fmt.Errorf("routes: %w", err)
	}
	routes := map[string]workflow.Route{}
	for _, n := range rs {
		routes[n.name] = n.Route
	}
	return all, routes, nil
}

// whole puts back what the JSON of a channel leaves out.
func (s storedSetup) whole() workflow.Setup {
	for i, c := range s.Channels {
		s.Channels[i].Key = s.Keys[c.ID]
	}
	return s.Setup
}
