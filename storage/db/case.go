package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"qingyang/workflow"
)

// itemColumns are those that scanItem reads.
const itemColumns = `i.id, i.version, i.state, i.revision, i.round, i.digest, i.number, i.class, i.urgency, i.unit, i.author,
	i.author_name, i.title, i.site_column, i.route, i.undisposed, i.pack, i.created, i.since, i.due,
	i.parent, i.kin, i.family`

func itemDest(it *workflow.Item) []any {
	return []any{
		&it.ID, &it.Version, &it.State, &it.Revision, &it.Round, &it.Digest, &it.Number, &it.Class, &it.Urgency, &it.Unit, &it.Author,
		&it.AuthorName, &it.Title, &it.Column, &it.Route, &it.Open, &it.Pack,
		&timeColumn{&it.Created},
		&timeColumn{&it.Since},
		&timeColumn{&it.Due},
		&it.Parent, &it.Kin, &it.Family,
	}
}

// Case implements workflow.Store.
func (d *DB) Case(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	return d.whole(ctx, d.r, id)
}

// Load implements workflow.Tx.
func (t *Tx) Load(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	ctx = t.lasting(ctx)
	if err := t.d.lock(ctx, t.tx, id); err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	return t.d.whole(ctx, t.tx, id)
}

// part is one row of what belongs to an item: its kind, its place among its kind, its text or key, and what else it has.
type part struct {
	kind       string
	pos        int64
	text, more string
}

func scanPart(r scanner, p *part) error { return r.Scan(&p.kind, &p.pos, &p.text, &p.more) }

// caseText reads all parts of an item in one statement: that is one state of the database, and one way there and back.
func (e engine) caseText() string {
	return `SELECT 'item', 0, ` + e.array(itemColumns) + `, i.word FROM items i WHERE i.id = $1
		UNION ALL SELECT 'revision', 0, r.body, '' FROM items i JOIN revisions r ON r.item = i.id AND r.n = i.revision AND r.edition = i.edition WHERE i.id = $1
		UNION ALL SELECT 'route', 0, o.body, '' FROM items i JOIN routes o ON o.name = i.route WHERE i.id = $1
		UNION ALL SELECT 'decision', n, body, '' FROM decisions WHERE item = $1
		UNION ALL SELECT 'hand', 0, key, duty FROM hands WHERE item = $1
		UNION ALL SELECT 'audience', 0, key, '' FROM audience WHERE item = $1
		UNION ALL SELECT 'finding', f.pos, f.body, '' FROM items i JOIN findings f ON f.item = i.id AND f.revision = i.revision WHERE i.id = $1
		UNION ALL SELECT 'scan', 0, s.body, '' FROM items i JOIN scans s ON s.item = i.id AND s.revision = i.revision WHERE i.id = $1
		UNION ALL SELECT 'delivery', 0, ` + e.array(deliveryColumns) + `, '' FROM deliveries WHERE item = $1
		UNION ALL SELECT 'channel', pos, body, ` + e.array(channelColumns) + ` FROM channels WHERE ` + e.in("id", "(SELECT channels FROM items WHERE id = $1)")
}

func (d *DB) load(ctx context.Context, q querier, id workflow.ItemID) (*workflow.Case, error) {
	parts, err := collect(ctx, q, scanPart, d.caseText(), id)
	if err == nil && len(parts) == 0 {
		err = workflow.ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	slices.SortFunc(parts, func(x, y part) int { return cmp.Or(cmp.Compare(x.pos, y.pos), cmp.Compare(x.text, y.text)) })
	c := &workflow.Case{}
	for _, p := range parts {
		if err := addPart(c, p); err != nil {
			return nil, fmt.Errorf("load item %d: %s: %w", id, p.kind, err)
		}
	}
	c.Channels = inOrder(c.Revision.Content.Channels, c.Channels)
	return c, nil
}

func addPart(c *workflow.Case, p part) error {
	switch p.kind {
	case "item":
		c.Word = p.more
		return listed(p.text, itemDest(&c.Item))
	case "revision":
		return json.Unmarshal([]byte(p.text), &c.Revision)
	case "route":
		return json.Unmarshal([]byte(p.text), &c.Route)
	case "decision":
		c.Decisions = append(c.Decisions, workflow.Decision{})
		return json.Unmarshal([]byte(p.text), &c.Decisions[len(c.Decisions)-1])
	case "finding":
		c.Findings = append(c.Findings, workflow.Finding{})
		return json.Unmarshal([]byte(p.text), &c.Findings[len(c.Findings)-1])
	case "scan":
		return json.Unmarshal([]byte(p.text), &c.Scan)
	case "delivery":
		c.Deliveries = append(c.Deliveries, workflow.Delivery{})
		return listed(p.text, deliveryDest(&c.Deliveries[len(c.Deliveries)-1]))
	case "channel":
		ch, err := channel(p.text, p.more)
		c.Channels = append(c.Channels, ch)
		return err
	case "hand":
		c.Hands = append(c.Hands, workflow.Hand{Key: p.text, Duty: workflow.Duty(p.more)})
	case "audience":
		c.Audience = append(c.Audience, p.text)
	}
	return nil
}

// listed reads a JSON list into dest.
func listed(text string, dest []any) error {
	n := len(dest)
	if err := json.Unmarshal([]byte(text), &dest); err != nil || len(dest) == n {
		return err
	}
	return fmt.Errorf("%d values instead of %d", len(dest), n)
}

// inOrder returns the channels of ws, in their order.
func inOrder(ws []workflow.Window, all []workflow.Channel) (out []workflow.Channel) {
	for _, w := range ws {
		if i := slices.IndexFunc(all, func(ch workflow.Channel) bool { return ch.ID == w.ID }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
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
