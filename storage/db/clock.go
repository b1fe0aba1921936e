package db

import (
	"context"
	"fmt"
	"math"

	"qingyang/workflow"
)

// Clocks implements workflow.Store. Only items under way have somebody waited for, so their list is short however long the
// house's history is.
func (d *DB) Clocks(ctx context.Context, units, keys []string, limit int) ([]workflow.Clock, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	type timed struct {
		line
		known int64
	}
	var ts []timed
	err := d.inSnapshot(ctx, func(s querier) (err error) {
		ts, err = collect(ctx, s, func(r scanner, t *timed) error {
			return r.Scan(append(itemDest(&t.Item), jsonColumn{&t.Channels}, &t.key, &t.known)...)
		}, `SELECT `+rowColumns+`, l.due, CASE WHEN `+d.admits("i.id", "$1")+` THEN 1 ELSE 0 END
			FROM (SELECT item, MIN(due) AS due FROM waits WHERE due < $2 GROUP BY item) l JOIN items i ON i.id = l.item
			WHERE $4 = '[]' OR `+d.in("i.unit", "$4")+` ORDER BY l.due, l.item LIMIT $3`, encodeList(keys), int64(math.MaxInt64), limit, encodeList(units))
		if err != nil {
			return err
		}
		lines := make([]line, len(ts))
		for i, t := range ts {
			lines[i] = t.line
		}
		if err := d.waiting(ctx, s, lines); err != nil {
			return err
		}
		for i := range lines {
			ts[i].line = lines[i]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("clocks: %w", err)
	}
	out := make([]workflow.Clock, len(ts))
	for i, t := range ts {
		out[i] = workflow.Clock{Row: t.Row, Known: t.known != 0}
	}
	return out, nil
}
