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

// number voids the item's number or gives it the next one, as ch asks, has the record say so unless it is signed, and returns
// the number that the item then has.
func (t *Tx) number(ctx context.Context, c *workflow.Case, ch *workflow.Change) (number string, err error) {
	number = c.Item.Number
	at := micros(ch.Record.At)
	if ch.Void && number != "" {
		if err := t.do(ctx, "void number", `UPDATE register SET void = 1, void_at = $1 WHERE number = $2`, at, number); err != nil {
			return "", err
		}
		note(ch, "void", number)
		number = ""
	}
	if ch.Series != "" {
		if number, err = t.register(ctx, c.Item.ID, ch); err != nil {
			return "", err
		}
		note(ch, "number", number)
	}
	if ch.Item.State == workflow.Published && c.Item.State != workflow.Published && number != "" {
		err = t.do(ctx, "mark published", `UPDATE register SET published = $1 WHERE number = $2`, at, number)
	}
	return number, err
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

// register returns the next number of the series in the year of the record, such as 政公〔2026〕0001号.
func (t *Tx) register(ctx context.Context, id workflow.ItemID, ch *workflow.Change) (string, error) {
	series := fmt.Sprintf("%s〔%d〕", ch.Series, ch.Record.At.In(china).Year())
	n, err := t.next(ctx, "register "+series)
	if err != nil {
		return "", err
	}
	number := fmt.Sprintf("%s%04d号", series, n)
	return number, t.do(ctx, "register", `INSERT INTO register (number, series, n, item, at, by_name) VALUES ($1, $2, $3, $4, $5, $6)`,
		number, series, n, id, micros(ch.Record.At), ch.Record.Name)
}

// next is gap-free: the row is locked until the transaction ends, and a roll-back gives the number back.
func (t *Tx) next(ctx context.Context, series string) (n int64, err error) {
	err = t.tx.QueryRowContext(ctx, `INSERT INTO counters (series, last) VALUES ($1, 1)
		ON CONFLICT (series) DO UPDATE SET last = counters.last + 1 RETURNING last`, series).Scan(&n)
	return n, t.fail("count "+series, err)
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
	lines, err := collect(ctx, d.r, scanLine, `SELECT g.number, g.item, CASE WHEN i.state = $1 THEN '' ELSE i.title END, i.unit, g.at, g.by_name,
		g.void, g.void_at, i.state, g.published FROM register g JOIN items i ON i.id = g.item
		WHERE (g.at, g.number) < ($2, $3) ORDER BY g.at DESC, g.number DESC LIMIT $4`, workflow.Sealed, from.Key, from.Text, limit+1)
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
