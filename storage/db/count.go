package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"qingyang/workflow"
)

// Count implements workflow.Store. Without Text and States, as the tabs of an inbox ask, it reads nothing but indexes.
func (d *DB) Count(ctx context.Context, q workflow.Query) (n int, err error) {
	switch q.Box {
	case workflow.Todo:
		n, err = d.countByKey(ctx, "waits", q)
	case workflow.All:
		n, err = d.countByKey(ctx, "audience", q)
	case workflow.Done, workflow.Mine, workflow.Drafts:
		n, err = d.countOwn(ctx, q)
	default:
		return 0, noBox(q.Box)
	}
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", q.Box, err)
	}
	return n, nil
}

// countByKey counts the items of q in a table of items by key.
func (d *DB) countByKey(ctx context.Context, table string, q workflow.Query) (n int, err error) {
	switch {
	case q.Text == "" && len(q.States) == 0 && q.Most > 0:
		return d.countSome(ctx, table, q.Keys, q.Most)
	case q.Text == "" && len(q.States) == 0:
		return d.countKeys(ctx, table, q.Keys)
	}
	err = d.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT l.item FROM `+table+` l JOIN items i ON i.id = l.item WHERE `+d.in("l.key", "$1")+`
		AND ($2 = '' OR lower(i.title) LIKE $2 ESCAPE '\' OR lower(i.number) LIKE $2 ESCAPE '\') AND ($3 = '[]' OR `+d.in("i.state", "$3")+`) LIMIT $4) AS c`,
		encodeList(q.Keys), pattern(q.Text), encodeList(q.States), most(q)).Scan(&n)
	return n, err
}

// most is what a count may reach.
func most(q workflow.Query) int64 {
	if q.Most > 0 {
		return int64(q.Most)
	}
	return never
}

// countSome counts the items that have one of keys in a table of items by key, up to limit.
func (d *DB) countSome(ctx context.Context, table string, keys []string, limit int) (int, error) {
	items := make(map[int64]struct{})
	err := d.inSnapshot(ctx, func(s querier) error {
		for _, k := range distinct(keys) {
			ids, err := collect(ctx, s, scalar[int64], `SELECT item FROM `+table+` WHERE key = $1 LIMIT $2`, k, limit)
			if err != nil {
				return err
			}
			for _, id := range ids {
				items[id] = struct{}{}
			}
			if len(items) >= limit {
				return nil
			}
		}
		return nil
	})
	return min(len(items), limit), err
}

// countKeys counts the items that have one of keys in a table of items by key. Keys with many items are counted alone, each
// further one by what it adds to those before it.
func (d *DB) countKeys(ctx context.Context, table string, keys []string) (total int, err error) {
	type share struct {
		key string
		n   int
	}
	var shares []share
	err = d.inSnapshot(ctx, func(s querier) error {
		for _, k := range distinct(keys) {
			var n int
			if err := s.QueryRowContext(ctx, `SELECT count(*) FROM `+table+` WHERE key = $1`, k).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				shares = append(shares, share{k, n})
			}
		}
		slices.SortFunc(shares, func(x, y share) int { return cmp.Compare(y.n, x.n) })
		var before []string
		for i, h := range shares {
			if i > 0 {
				if err := s.QueryRowContext(ctx, `SELECT count(*) FROM `+table+` l WHERE l.key = $1 AND NOT EXISTS
					(SELECT 1 FROM `+table+` b WHERE b.item = l.item AND `+d.in("b.key", "$2")+`)`, h.key, encodeList(before)).Scan(&h.n); err != nil {
					return err
				}
			}
			total, before = total+h.n, append(before, h.key)
		}
		return nil
	})
	return total, err
}

// countOwn counts in the lists of a person.
func (d *DB) countOwn(ctx context.Context, q workflow.Query) (n int, err error) {
	text := `SELECT 1 FROM items i WHERE i.author = $1 AND ` + d.admits("i.id", "$2")
	states, args := statesOf(q), []any{q.Person, encodeList(q.Keys), most(q)}
	filtered := q.Text != "" || len(states) > 0
	switch {
	case q.Box == workflow.Done && filtered:
		text = `SELECT 1 FROM acted l JOIN items i ON i.id = l.item WHERE l.person = $1 AND ` + d.admits("i.id", "$2")
	case q.Box == workflow.Done:
		text = `SELECT 1 FROM acted l WHERE l.person = $1 AND ` + d.admits("l.item", "$2")
	}
	if filtered {
		text += ` AND ($4 = '' OR lower(i.title) LIKE $4 ESCAPE '\' OR lower(i.number) LIKE $4 ESCAPE '\') AND ($5 = '[]' OR ` + d.in("i.state", "$5") + `)`
		args = append(args, pattern(q.Text), encodeList(states))
	}
	err = d.r.QueryRowContext(ctx, `SELECT count(*) FROM (`+text+` LIMIT $3) AS c`, args...).Scan(&n)
	return n, err
}
