package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
)

// entry is what the model knows of an item.
type entry struct {
	id       workflow.ItemID
	author   string
	state    workflow.State
	title    string
	audience []string
	waits    []string
	changed  time.Time
	due      time.Time
	decided  map[string]time.Time
}

var (
	someKeys   = []string{"unit:tax", "unit:land", "reviewer", "chief", "lead:tax", "pub:led", "person:wang", "secrecy_officer"}
	somePeople = []string{"wang", "zhou", "zhao"}
	someStates = []workflow.State{workflow.Draft, workflow.Returned, workflow.SecrecyReview, workflow.Published, workflow.Sealed}
	someTitles = []string{"停电通知", "100%_完成", `反斜\杠`, "Notice A", "notice b", "放假安排"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func some(r *rand.Rand, from []string, most int) []string {
	ks := slices.Clone(from)
	r.Shuffle(len(ks), func(i, j int) { ks[i], ks[j] = ks[j], ks[i] })
	return slices.Sorted(slices.Values(ks[:r.IntN(most+1)]))
}

// populated stores n items of all sorts and returns what is in them.
func (f Fixture) populated(t *testing.T, r *rand.Rand, n int) []*entry {
	t.Helper()
	var all []*entry
	for range n {
		e := &entry{author: pick(r, somePeople), title: pick(r, someTitles), decided: map[string]time.Time{}}
		ch := draft()
		ch.Item.Author, ch.Item.Title, ch.Audience = e.author, e.title, nil
		e.id = f.create(t, ch)
		for range 1 + r.IntN(3) {
			f.shaken(t, r, e)
		}
		all = append(all, e)
	}
	return all
}

// shaken changes the item of e at random.
func (f Fixture) shaken(t *testing.T, r *rand.Rand, e *entry) {
	t.Helper()
	f.changed(t, e.id, func(ch *workflow.Change) {
		e.changed = noon.Add(time.Duration(r.IntN(50)) * time.Minute)
		e.state, e.due = pick(r, someStates), noon.Add(time.Duration(r.IntN(5))*time.Hour)
		if r.IntN(3) == 0 {
			e.due = time.Time{}
		}
		ch.Only = r.IntN(3) == 0
		if ch.Only {
			e.audience = nil
		}
		ch.Audience = some(r, someKeys, 3)
		e.audience = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(e.audience), ch.Audience...))))
		e.waits = nil
		if len(e.audience) > 0 {
			e.waits = some(r, e.audience, min(2, len(e.audience)))
		}
		ch.Item.State, ch.Item.Due, ch.Waits, ch.Record.At = e.state, e.due, e.waits, e.changed
		if r.IntN(2) == 0 {
			p := pick(r, somePeople)
			ch.Decision = &workflow.Decision{Item: e.id, Person: p, At: e.changed}
			e.decided[p] = e.changed
		}
	})
}

// shown is the oracle: whether and where e stands in the list of q.
func (e *entry) shown(q workflow.Query) (place int64, ok bool) {
	meets := func(keys []string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(q.Keys, k) })
	}
	if !meets(e.audience) || !strings.Contains(strings.ToLower(e.title), strings.ToLower(q.Text)) ||
		len(q.States) > 0 && !slices.Contains(q.States, e.state) {
		return 0, false
	}
	latest := -e.changed.UnixMicro()
	switch q.Box {
	case workflow.Todo:
		return e.urgency(), meets(e.waits)
	case workflow.Done:
		at, ok := e.decided[q.Person]
		return -at.UnixMicro(), ok
	case workflow.Mine:
		return latest, e.author == q.Person
	case workflow.Drafts:
		return latest, e.author == q.Person && (e.state == workflow.Draft || e.state == workflow.Returned)
	case workflow.All:
		return latest, true
	}
	return 0, false
}

// urgency orders to-do lists: what is due at no time comes last.
func (e *entry) urgency() int64 {
	if e.due.IsZero() {
		return math.MaxInt64
	}
	return e.due.UnixMicro()
}

// expected returns the ids of q's list in order. Lines of the same place are ordered by id, falling but for to-do lists.
func expected(all []*entry, q workflow.Query) []workflow.ItemID {
	type line struct {
		place int64
		id    workflow.ItemID
	}
	var lines []line
	for _, e := range all {
		if place, ok := e.shown(q); ok {
			lines = append(lines, line{place, e.id})
		}
	}
	slices.SortFunc(lines, func(x, y line) int {
		ids := cmp.Compare(x.id, y.id)
		if q.Box != workflow.Todo {
			ids = -ids
		}
		return cmp.Or(cmp.Compare(x.place, y.place), ids)
	})
	ids := []workflow.ItemID{}
	for _, l := range lines {
		ids = append(ids, l.id)
	}
	return ids
}

// boxes: every list and count, page by page, is what a plain model says, so nobody is shown or told the number of what
// admits none of their keys.
// Mutant: own lists or their counts without the audience; Only that keeps the former keys.
func boxes(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same items each time
	all := f.populated(t, r, 80)
	for i := range 300 {
		q := workflow.Query{
			Box: pick(r, []workflow.Box{workflow.Todo, workflow.Done, workflow.Mine, workflow.Drafts, workflow.All}),
			// an actor with a key that no item has, and one given twice
			Keys: append(some(r, someKeys, 4), "unit:none", "reviewer", "reviewer")[r.IntN(3):], Person: pick(r, somePeople), Limit: 1 + r.IntN(20),
		}
		if r.IntN(3) == 0 {
			q.Text = pick(r, []string{"通知", "%", "_", `\`, "NOTICE", "没有"})
		}
		if r.IntN(3) == 0 {
			q.States = []workflow.State{pick(r, someStates), pick(r, someStates)}
		}
		want := expected(all, q)
		name := fmt.Sprintf("query %d %+v", i, q)
		n, err := f.Count(t.Context(), q)
		must(t, err)
		equal(t, "count of "+name, n, len(want))
		q.Most = 1 + r.IntN(8)
		n, err = f.Count(t.Context(), q)
		must(t, err)
		equal(t, "count, no further than Most, of "+name, n, min(len(want), q.Most))
		equal(t, name, f.listed(t, q, all), want)
		if t.Failed() {
			return
		}
	}
}

// clocks: whoever is waited for by a time is listed, soonest first, and is known to those alone whose keys the item admits.
// Mutant: what is waited for at no time; an item known to all.
func clocks(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same items each time
	all := f.populated(t, r, 60)
	var timed []*entry
	for _, e := range all {
		if !e.due.IsZero() && len(e.waits) > 0 {
			timed = append(timed, e)
		}
	}
	slices.SortFunc(timed, func(x, y *entry) int { return cmp.Or(x.due.Compare(y.due), cmp.Compare(x.id, y.id)) })
	cs, err := f.Clocks(t.Context(), []string{"no such unit"}, nil, 200)
	must(t, err)
	equal(t, "clocks of another unit", len(cs), 0)
	cs, err = f.Clocks(t.Context(), []string{"other", draft().Item.Unit}, nil, 200)
	must(t, err)
	equal(t, "clocks of the unit", len(cs), len(timed))
	for range 20 {
		keys, limit := append(some(r, someKeys, 3), "unit:none"), 1+r.IntN(40)
		cs, err := f.Clocks(t.Context(), nil, keys, limit)
		must(t, err)
		equal(t, "how many", len(cs), min(limit, len(timed)))
		for i, c := range cs {
			e := timed[i]
			known := slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(e.audience, k) })
			equal(t, "clock", fmt.Sprint(c.ID, c.Due.Equal(e.due), c.Waits, c.Known), fmt.Sprint(e.id, true, e.waits, known))
		}
	}
}

// listed pages through q and checks each row against the model.
func (f Fixture) listed(t *testing.T, q workflow.Query, all []*entry) []workflow.ItemID {
	t.Helper()
	ids := []workflow.ItemID{}
	for {
		rows, next, err := f.List(t.Context(), q)
		must(t, err)
		for _, row := range rows {
			e := all[slices.IndexFunc(all, func(e *entry) bool { return e.id == row.ID })]
			equal(t, "waits", slices.Clone(row.Waits), e.waits)
			equal(t, "state", row.State, e.state)
			ids = append(ids, row.ID)
		}
		if next == "" {
			return ids
		}
		equal(t, "length of a page that is not the last", len(rows), q.Limit)
		q.After = next
	}
}

// paging: what is no page of the list is refused as the asker's fault, and rows come whole.
func paging(t *testing.T, f Fixture) {
	f.furnished(t)
	rev := fullRevision()
	for range 3 {
		f.create(t, workflow.Change{Item: fullItem(), Revision: &rev, Audience: []string{"unit:tax"}, Waits: []string{"unit:tax"}, Record: record("create", 0)})
	}
	q := workflow.Query{Box: workflow.All, Keys: []string{"unit:tax"}, Limit: 2}
	rows, next, err := f.List(t.Context(), q)
	must(t, err)
	it := fullItem()
	it.ID, it.Version, it.Digest = 3, 1, "digest-3"
	equal(t, "row", rows[0], workflow.Row{Item: it, Channels: []string{"portal", "led"}, Waits: []string{"unit:tax"}})
	for name, bad := range map[string]workflow.Query{
		"limit 0":     {Box: workflow.All, Keys: q.Keys},
		"limit 201":   {Box: workflow.All, Keys: q.Keys, Limit: 201},
		"box":         {Box: "other", Keys: q.Keys, Limit: 1},
		"cursor":      {Box: workflow.All, Keys: q.Keys, Limit: 1, After: "%"},
		"not JSON":    {Box: workflow.All, Keys: q.Keys, Limit: 1, After: "AAAA"},
		"another box": {Box: workflow.Todo, Keys: q.Keys, Limit: 1, After: next},
	} {
		_, _, err := f.List(t.Context(), bad)
		var invalid *workflow.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, next, err = f.List(t.Context(), workflow.Query{Box: workflow.All, Limit: 5})
	must(t, err)
	equal(t, "without keys", len(rows), 0)
	equal(t, "next", next, "")
}
