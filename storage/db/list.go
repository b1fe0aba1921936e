package db

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"qingyang/workflow"
)

const longest = 200 // lines of a list

// bookmark is the last line of a page: the value it was ordered by, and what tells lines of the same value apart.
type bookmark struct {
	List string `json:"l"`
	Key  int64  `json:"k"`
	Item int64  `json:"i,omitempty"`
	Text string `json:"t,omitempty"`
}

func (b bookmark) seal() string {
	return base64.RawURLEncoding.EncodeToString([]byte(encode(b)))
}

// open reads what seal wrote; an empty cursor leaves b as it is.
func (b *bookmark) open(cursor, list string) error {
	if cursor == "" {
		return nil
	}
	var got bookmark
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil || got.List != list {
		return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "cursor", Field: "after"}}}
	}
	*b = got
	return nil
}

func checkLimit(n int) error {
	if n < 1 || n > longest {
		return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "limit", Field: "limit", Args: []string{"1", "200"}}}}
	}
	return nil
}

// box says how a list is read. A list by key is read once for each key and merged, so that no list is ever sorted as a
// whole, however long it is; the others check each line against the keys.
type box struct {
	byKey  bool
	rising bool
	text   string // $1 key or person, $2 and $3 the bookmark, $4 limit, $5 pattern, $6 states, $7 keys unless byKey
}

const rowColumns = itemColumns + `, i.channels`

func (d *DB) box(b workflow.Box) (box, error) {
	match := ` AND ($5 = '' OR lower(i.title) LIKE $5 ESCAPE '\' OR lower(i.number) LIKE $5 ESCAPE '\') AND ($6 = '[]' OR ` + d.in("i.state", "$6") + `)`
	admits := ` AND ` + d.admits("i.id", "$7")
	switch b {
	case workflow.Todo:
		return box{byKey: true, rising: true, text: `SELECT ` + rowColumns + `, l.due FROM waits l JOIN items i ON i.id = l.item
			WHERE l.key = $1 AND (l.due, l.item) > ($2, $3)` + match + ` ORDER BY l.due, l.item LIMIT $4`}, nil
	case workflow.All:
		return box{byKey: true, text: `SELECT ` + rowColumns + `, l.changed FROM audience l JOIN items i ON i.id = l.item
			WHERE l.key = $1 AND (l.changed, l.item) < ($2, $3)` + match + ` ORDER BY l.changed DESC, l.item DESC LIMIT $4`}, nil
	case workflow.Done:
		return box{text: `SELECT ` + rowColumns + `, l.at FROM acted l JOIN items i ON i.id = l.item
			WHERE l.person = $1 AND (l.at, l.item) < ($2, $3)` + match + admits + ` ORDER BY l.at DESC, l.item DESC LIMIT $4`}, nil
	case workflow.Mine, workflow.Drafts:
		return box{text: `SELECT ` + rowColumns + `, i.changed FROM items i
			WHERE i.author = $1 AND (i.changed, i.id) < ($2, $3)` + match + admits + ` ORDER BY i.changed DESC, i.id DESC LIMIT $4`}, nil
	}
	return box{}, noBox(b)
}

// line is a row with the value it is ordered by.
type line struct {
	workflow.Row
	key int64
}

func scanListLine(r scanner, l *line) error {
	return r.Scan(append(itemDest(&l.Item), jsonColumn{&l.Channels}, &l.key)...)
}

// List implements workflow.Store. Todo is ordered by due time, what has none last; the others begin with the latest act or
// change. A wrong box, limit or cursor is *workflow.InvalidError.
func (d *DB) List(ctx context.Context, q workflow.Query) ([]workflow.Row, string, error) {
	b, err := d.box(q.Box)
	if err != nil {
		return nil, "", err
	}
	if err := checkLimit(q.Limit); err != nil {
		return nil, "", err
	}
	from := bookmark{Key: math.MaxInt64, Item: math.MaxInt64}
	if b.rising {
		from = bookmark{Key: math.MinInt64}
	}
	if err := from.open(q.After, string(q.Box)); err != nil {
		return nil, "", err
	}
	var lines []line
	err = d.inSnapshot(ctx, func(s querier) error {
		if lines, err = d.lines(ctx, s, b, q, from); err == nil {
			err = d.waiting(ctx, s, lines[:min(len(lines), q.Limit)])
		}
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list %s: %w", q.Box, err)
	}
	rows, next := page(lines, q)
	return rows, next, nil
}

// page cuts lines to the limit.
func page(lines []line, q workflow.Query) ([]workflow.Row, string) {
	next := ""
	if len(lines) > q.Limit {
		lines = lines[:q.Limit]
		last := lines[q.Limit-1]
		next = bookmark{List: string(q.Box), Key: last.key, Item: int64(last.ID)}.seal()
	}
	rows := make([]workflow.Row, len(lines))
	for i, l := range lines {
		rows[i] = l.Row
	}
	return rows, next
}

// lines returns the lines after from, in order, each item once, one more than the limit if there are more.
func (d *DB) lines(ctx context.Context, s querier, b box, q workflow.Query, from bookmark) ([]line, error) {
	args := []any{q.Person, from.Key, from.Item, q.Limit + 1, pattern(q.Text), encodeList(statesOf(q))}
	if !b.byKey {
		return collect(ctx, s, scanListLine, b.text, append(args, encodeList(q.Keys))...)
	}
	var all []line
	for _, k := range distinct(q.Keys) {
		args[0] = k
		ls, err := collect(ctx, s, scanListLine, b.text, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, ls...)
	}
	slices.SortFunc(all, func(x, y line) int {
		c := cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.ID, y.ID))
		if b.rising {
			return c
		}
		return -c
	})
	return slices.CompactFunc(all, func(x, y line) bool { return x.ID == y.ID }), nil
}

// waiting fills in who is waited for.
func (d *DB) waiting(ctx context.Context, s querier, lines []line) error {
	type wait struct {
		item workflow.ItemID
		key  string
	}
	ids := make([]workflow.ItemID, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	ws, err := collect(ctx, s, func(r scanner, w *wait) error { return r.Scan(&w.item, &w.key) },
		`SELECT item, key FROM waits WHERE item IN (SELECT CAST(value AS BIGINT) FROM `+d.list("$1")+` AS k) ORDER BY item, key`, encodeList(ids))
	if err != nil {
		return err
	}
	of := make(map[workflow.ItemID][]string)
	for _, w := range ws {
		of[w.item] = append(of[w.item], w.key)
	}
	for i := range lines {
		lines[i].Waits = of[lines[i].ID]
	}
	return nil
}

func noBox(b workflow.Box) error {
	return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "box", Field: "box", Args: []string{string(b)}}}}
}

// drafts are the states in which an author still writes.
var drafts = []workflow.State{workflow.Draft, workflow.Returned}

// statesOf returns the states to show, empty for all; a state that the box has not is none at all.
func statesOf(q workflow.Query) []workflow.State {
	if q.Box != workflow.Drafts {
		return q.States
	}
	if len(q.States) == 0 {
		return drafts
	}
	both := slices.DeleteFunc(slices.Clone(q.States), func(s workflow.State) bool { return !slices.Contains(drafts, s) })
	if len(both) == 0 {
		return []workflow.State{""}
	}
	return both
}

// pattern is for LIKE on lower-cased text: SQLite and PostgreSQL agree on ASCII alone, so only that is folded.
func pattern(text string) string {
	if text == "" {
		return ""
	}
	folded := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, text)
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(folded) + "%"
}

func distinct(keys []string) []string {
	ks := slices.Sorted(slices.Values(keys))
	return slices.Compact(ks)
}
