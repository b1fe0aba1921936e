package db

import (
	"context"
	"fmt"
	"maps"
	"math"
	"time"

	"qingyang/workflow"
)

// china is where the year of a register number begins.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// number returns the number that the item is to have: none once it is void, the next one if ch asks for it. The record says so
// unless it is signed. n is its place in its series if it is new.
func (t *Tx) number(ctx context.Context, c *workflow.Case, ch *workflow.Change) (number string, n int64, err error) {
	number = c.Item.Number
	if ch.Void && number != "" {
		note(ch, "void", number)
		number = ""
	}
	if ch.Series == "" {
		return number, 0, nil
	}
	if n, err = t.next(ctx, "register "+seriesOf(ch)); err != nil {
		return "", 0, err
	}
	number = fmt.Sprintf("%s%04d号", seriesOf(ch), n)
	note(ch, "number", number)
	return number, n, nil
}

// seriesOf returns the series of the year of the record, such as 政公〔2026〕.
func seriesOf(ch *workflow.Change) string {
	return fmt.Sprintf("%s〔%d〕", ch.Series, ch.Record.At.In(china).Year())
}

// book writes into the register what becomes of the item's number.
func (t *Tx) book(ctx context.Context, c *workflow.Case, number string, n int64, ch *workflow.Change) (err error) {
	at := micros(ch.Record.At)
	if ch.Void && c.Item.Number != "" {
		err = t.do(ctx, "void number", `UPDATE register SET void = 1, void_at = $1 WHERE number = $2`, at, c.Item.Number)
	}
	if err == nil && n > 0 {
		err = t.do(ctx, "register", `INSERT INTO register (number, series, n, item, at, by_name) VALUES ($1, $2, $3, $4, $5, $6)`,
			number, seriesOf(ch), n, c.Item.ID, at, ch.Record.Name)
	}
	if err == nil && ch.Item.State == workflow.Published && c.Item.State != workflow.Published && number != "" {
		err = t.do(ctx, "mark published", `UPDATE register SET published = $1 WHERE number = $2`, at, number)
	}
	return err
}

func note(ch *workflow.Change, key, value string) {
	if ch.Record.Sig != "" {
		return
	}
	d := maps.Clone(ch.Record.Detail)
	if d == nil {
		d = map[string]string{}
	}
	d[key] = value
	ch.Record.Detail = d
}

// next is gap-free: the row is locked until the transaction ends, and a roll-back gives the number back.
func (t *Tx) next(ctx context.Context, series string) (n int64, err error) {
	err = t.tx.QueryRowContext(ctx, `INSERT INTO counters (series, last) VALUES ($1, 1)
		ON CONFLICT (series) DO UPDATE SET last = counters.last + 1 RETURNING last`, series).Scan(&n)
	return n, t.fail("count "+series, err)
}

// newItem returns the number of a new item. On PostgreSQL a sequence gives it, for which nobody waits.
func (t *Tx) newItem(ctx context.Context) (n int64, err error) {
	if !t.d.pg {
		return t.next(ctx, "item")
	}
	err = t.tx.QueryRowContext(ctx, `SELECT nextval('item_ids')`).Scan(&n)
	return n, t.fail("count items", err)
}

// ByNumber implements workflow.Store.
func (d *DB) ByNumber(ctx context.Context, number string) (id workflow.ItemID, err error) {
	if err = one(d.r.QueryRowContext(ctx, `SELECT item FROM register WHERE number = $1`, number), &id); err != nil {
		return 0, fmt.Errorf("number %q: %w", number, err)
	}
	return id, nil
}

// RegisterBook implements workflow.Store. The cursor is opaque; a wrong one is *workflow.InvalidError.
func (d *DB) RegisterBook(ctx context.Context, after string, limit int) ([]workflow.RegisterLine, string, error) {
	if err := checkLimit(limit); err != nil {
		return nil, "", err
	}
	from := bookmark{Key: math.MaxInt64}
	if err := from.open(after, "book"); err != nil {
		return nil, "", err
	}
	lines, err := collect(ctx, d.r, scanLine, `SELECT g.number, g.item, CASE WHEN i.state IN ($1, $5) THEN '' ELSE i.title END, i.unit, g.at, g.by_name,
		g.void, g.void_at, i.state, g.published FROM register g JOIN items i ON i.id = g.item
		WHERE (g.at, g.number) < ($2, $3) ORDER BY g.at DESC, g.number DESC LIMIT $4`, workflow.Sealed, from.Key, from.Text, limit+1, workflow.Disposed)
	if err != nil {
		return nil, "", fmt.Errorf("register book: %w", err)
	}
	if len(lines) <= limit {
		return lines, "", nil
	}
	last := lines[limit-1]
	return lines[:limit], bookmark{List: "book", Key: micros(last.At), Text: last.Number}.seal(), nil
}

func scanLine(r scanner, l *workflow.RegisterLine) error {
	var void int64
	err := r.Scan(&l.Number, &l.Item, &l.Title, &l.Unit, timeColumn{&l.At}, &l.By, &void, timeColumn{&l.VoidAt}, &l.State, timeColumn{&l.Published})
	l.Void = void != 0
	return err
}

// ends returns when the last window of the item closes, in microseconds: its own end, or so many days after publishing as
// the channel has by default, or never.
func ends(c *workflow.Case, ch workflow.Change) int64 {
	rev := c.Revision
	if ch.Revision != nil {
		rev = *ch.Revision
	}
	days := make(map[string]int)
	for _, k := range c.Channels {
		days[k.ID] = k.Days
	}
	var last int64
	for _, w := range rev.Content.Channels {
		end := int64(never)
		switch {
		case w.Until != nil:
			end = micros(*w.Until)
		case days[w.ID] > 0 && ch.Item.State == workflow.Published:
			end = micros(ch.Item.Since.AddDate(0, 0, days[w.ID]))
		}
		last = max(last, end)
	}
	if last == 0 {
		return never
	}
	return last
}
