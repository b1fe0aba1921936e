package db

import (
	"context"
	"encoding/json"
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
		&it.AuthorName, &it.Title, &it.Column, &it.Route, &it.Open, &it.Pack,
		timeColumn{&it.Created},
		timeColumn{&it.Since},
		timeColumn{&it.Due},
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
	return t.d.load(t.lasting(ctx), t.tx, id, t.d.forUpdate())
}

func (d *DB) load(ctx context.Context, q querier, id workflow.ItemID, lock string) (*workflow.Case, error) {
	c := &workflow.Case{}
	dest := append(itemDest(&c.Item), jsonColumn{&c.Revision}, jsonColumn{&c.Route})
	err := one(q.QueryRowContext(ctx, `SELECT `+itemColumns+`, r.body, o.body FROM items i
		JOIN revisions r ON r.item = i.id AND r.n = i.revision AND r.edition = i.edition
		LEFT JOIN routes o ON o.name = i.route WHERE i.id = $1`+lock, id), dest...)
	if err == nil {
		err = loadParts(ctx, q, c)
	}
	if err == nil {
		c.Deliveries, err = collect(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries WHERE item = $1 ORDER BY channel`, id)
	}
	if err == nil {
		err = loadChannels(ctx, q, c)
	}
	if err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	return c, nil
}

// loadParts reads in one go what consists of many small rows: the kind, the text or key, and for hands the duty.
func loadParts(ctx context.Context, q querier, c *workflow.Case) error {
	_, err := collect(ctx, q, func(r scanner, _ *struct{}) error {
		var kind, text, duty string
		var order int64
		if err := r.Scan(&kind, &order, &text, &duty); err != nil {
			return err
		}
		return addPart(c, kind, text, duty)
	}, `SELECT 'decision' AS kind, n AS pos, body AS text, '' AS duty FROM decisions WHERE item = $1
		UNION ALL SELECT 'hand', 0, key, duty FROM hands WHERE item = $1
		UNION ALL SELECT 'audience', 0, key, '' FROM audience WHERE item = $1
		UNION ALL SELECT 'finding', pos, body, '' FROM findings WHERE item = $1 AND revision = $2
		UNION ALL SELECT 'scan', 0, body, '' FROM scans WHERE item = $1 AND revision = $2
		ORDER BY kind, pos, text`, c.Item.ID, c.Item.Revision)
	return err
}

func addPart(c *workflow.Case, kind, text, duty string) error {
	switch kind {
	case "decision":
		c.Decisions = append(c.Decisions, workflow.Decision{})
		return json.Unmarshal([]byte(text), &c.Decisions[len(c.Decisions)-1])
	case "finding":
		c.Findings = append(c.Findings, workflow.Finding{})
		return json.Unmarshal([]byte(text), &c.Findings[len(c.Findings)-1])
	case "scan":
		return json.Unmarshal([]byte(text), &c.Scan)
	case "hand":
		c.Hands = append(c.Hands, workflow.Hand{Key: text, Duty: workflow.Duty(duty)})
	case "audience":
		c.Audience = append(c.Audience, text)
	}
	return nil
}

// loadChannels reads the channels of the present revision as they are now, in its order.
func loadChannels(ctx context.Context, q querier, c *workflow.Case) error {
	if len(c.Revision.Content.Channels) == 0 {
		return nil
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
