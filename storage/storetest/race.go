package storetest

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qingyang/workflow"
)

// together runs f for 0 to n-1 at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wg.Wait()
}

// numbers: forty register at once, half of them fail after they took their number, and the register has no gap. The year
// is China's.
// Mutant: the year of UTC.
func numbers(t *testing.T, f Fixture) {
	const n = 40
	newYear := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
	var ids []workflow.ItemID
	for range n {
		ids = append(ids, f.created(t))
	}
	undone := errors.New("undone")
	together(n, func(i int) {
		err := f.InTx(t.Context(), func(tx workflow.Tx) error {
			err := change(t.Context(), tx, ids[i], func(ch *workflow.Change) {
				ch.Item.State, ch.Series, ch.Record.At = workflow.Registered, "清公", newYear
			})
			if err == nil && i%2 == 1 {
				return undone
			}
			return err
		})
		if err != nil && !errors.Is(err, undone) {
			t.Errorf("caller %d: %v", i, err)
		}
	})
	lines, next, err := f.RegisterBook(t.Context(), "", 200)
	must(t, err)
	equal(t, "next", next, "")
	var got, want []string
	for _, l := range lines {
		got = append(got, l.Number)
		if l.Item%2 != ids[0]%2 {
			t.Errorf("item %d has number %s of a transaction that was undone", l.Item, l.Number)
		}
	}
	for i := range n / 2 {
		want = append(want, fmt.Sprintf("清公〔2027〕%04d号", i+1))
	}
	sort.Strings(got)
	equal(t, "numbers", got, want)
	equal(t, "records", f.counted(t, "audit"), n+n/2)
}

// voidNumber: a void number stays in the book and leads to its item, and the next one is another.
func voidNumber(t *testing.T, f Fixture) {
	id := f.created(t)
	step := func(at time.Time, edit func(*workflow.Change)) {
		f.changed(t, id, func(ch *workflow.Change) {
			ch.Record.At = at
			edit(ch)
		})
	}
	register := func(ch *workflow.Change) { ch.Item.State, ch.Series = workflow.Registered, "清公" }
	step(noon, register)
	step(noon.Add(1*time.Hour), func(ch *workflow.Change) { ch.Item.State, ch.Void = workflow.Returned, true })
	equal(t, "number after void", f.loaded(t, id).Item.Number, "")
	step(noon.Add(2*time.Hour), register)
	step(noon.Add(3*time.Hour), func(ch *workflow.Change) { ch.Item.State = workflow.Published })
	for _, n := range []string{"清公〔2026〕0001号", "清公〔2026〕0002号"} {
		got, err := f.ByNumber(t.Context(), n)
		must(t, err)
		equal(t, n, got, id)
	}
	_, err := f.ByNumber(t.Context(), "清公〔2026〕0003号")
	equal(t, "unknown number", errors.Is(err, workflow.ErrMissing), true)
	want := []workflow.RegisterLine{
		{
			Number: "清公〔2026〕0002号", Item: id, Title: "停电通知", Unit: "tax", At: noon.Add(2 * time.Hour), By: "赵审",
			State: workflow.Published, Published: noon.Add(3 * time.Hour),
		},
		{
			Number: "清公〔2026〕0001号", Item: id, Title: "停电通知", Unit: "tax", At: noon, By: "赵审",
			Void: true, VoidAt: noon.Add(time.Hour), State: workflow.Published,
		},
	}
	first, next, err := f.RegisterBook(t.Context(), "", 1)
	must(t, err)
	rest, end, err := f.RegisterBook(t.Context(), next, 1)
	must(t, err)
	equal(t, "book", append(first, rest...), want)
	equal(t, "end", end, "")
	step(noon.Add(4*time.Hour), func(ch *workflow.Change) { ch.Item.State = workflow.Sealed })
	sealed, _, err := f.RegisterBook(t.Context(), "", 1)
	must(t, err)
	equal(t, "title of a sealed item", sealed[0].Title, "")
}

// oneWinner: of twenty who move the same version, one does.
func oneWinner(t *testing.T, f Fixture) {
	const n = 20
	id := f.created(t)
	seen := f.loaded(t, id)
	var won, lost atomic.Int64
	together(n, func(i int) {
		err := f.InTx(t.Context(), func(tx workflow.Tx) error {
			if _, err := tx.Load(t.Context(), id); err != nil {
				return err
			}
			ch := workflow.Change{Item: seen.Item, Series: "清公", Jobs: []workflow.Job{wait{i}}, Record: record("approve", int64(id))}
			ch.Decision = &workflow.Decision{Item: id, Person: strconv.Itoa(i), At: noon}
			return tx.Apply(t.Context(), seen, ch)
		})
		switch {
		case err == nil:
			won.Add(1)
		case errors.Is(err, workflow.ErrStale):
			lost.Add(1)
		default:
			t.Errorf("caller %d: %v", i, err)
		}
	})
	equal(t, "won, lost", [2]int64{won.Load(), lost.Load()}, [2]int64{1, n - 1})
	c := f.loaded(t, id)
	equal(t, "decisions", len(c.Decisions), 1)
	equal(t, "version", c.Item.Version, 2)
	for table, want := range map[string]int{"audit": 2, "river_job": 1, "register": 1} {
		equal(t, table, f.counted(t, table), want)
	}
}

// sequencer: while many write and some undo, several place; every committed record gets one position, without a gap.
func sequencer(t *testing.T, f Fixture) {
	const writers, each = 8, 30
	undone := errors.New("undone")
	var running atomic.Int64
	running.Store(writers)
	var placed atomic.Int64
	together(writers+2, func(i int) {
		if i >= writers {
			for running.Load() > 0 {
				n, err := f.Place(t.Context())
				placed.Add(int64(n))
				if err != nil {
					t.Error(err)
				}
			}
			return
		}
		defer running.Add(-1)
		for k := range each {
			err := f.InTx(t.Context(), func(tx workflow.Tx) error {
				if err := tx.Note(t.Context(), record(fmt.Sprintf("e%d-%d", i, k), 0)); err != nil {
					return err
				}
				if k%3 == 2 {
					return undone
				}
				return nil
			})
			if err != nil && !errors.Is(err, undone) {
				t.Error(err)
			}
		}
	})
	n, err := f.Place(t.Context())
	must(t, err)
	want := int64(writers * each * 2 / 3)
	equal(t, "placed", placed.Load()+int64(n), want)
	f.intact(t, want)
}

// intact checks that the log has size records, in order, each once.
func (f Fixture) intact(t *testing.T, size int64) {
	t.Helper()
	seen := map[string]bool{}
	var after int64 = -1
	for {
		es, err := f.Audit(t.Context(), after, 7)
		must(t, err)
		for i, e := range es {
			equal(t, "position", e.Seq, after+1+int64(i))
			seen[e.Event] = true
		}
		if len(es) == 0 {
			break
		}
		after = es[len(es)-1].Seq
	}
	equal(t, "last position", after, size-1)
	equal(t, "different records", int64(len(seen)), size)
	head, err := f.Head(t.Context())
	must(t, err)
	equal(t, "size", head.Size, size)
	verified, err := f.Verify(t.Context(), nil, head)
	must(t, err)
	equal(t, "verified", verified, head)
}

// noted writes n records and places them.
func (f Fixture) noted(tb testing.TB, n int) {
	tb.Helper()
	f.write(tb, func(ctx context.Context, tx workflow.Tx) error {
		for i := range n {
			if err := tx.Note(ctx, record(fmt.Sprintf("e%d", i), 0)); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := f.Place(tb.Context())
	must(tb, err)
	equal(tb, "placed", got, n)
}
