// Package storetest is the conformance suite of workflow.Store: every database must pass it whole.
package storetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Store is what is tested: the workflow's store and the log behind it.
type Store interface {
	workflow.Store
	Place(ctx context.Context) (int, error)
	Head(ctx context.Context) (ledger.Checkpoint, error)
	Verify(ctx context.Context, keys ledger.PublicKeys, cps ...ledger.Checkpoint) (ledger.Checkpoint, error)
	ProveRecord(ctx context.Context, size, seq int64) ([]byte, ledger.Proof, error)
}

// Fixture is a fresh, empty Store with a way past it: SQL writes to its tables as an intruder would, after the statements
// in Unguard.
type Fixture struct {
	Store
	SQL     *sql.DB
	Unguard []string
}

// Run runs the suite. Open is called for each test and must return a store of its own, which it closes by tb.Cleanup.
func Run(t *testing.T, open func(testing.TB) Fixture) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"WholeValues", wholeValues},
		{"Revisions", revisions},
		{"Stale", stale},
		{"RolledBack", rolledBack},
		{"SwallowedError", swallowedError},
		{"Cancelled", cancelled},
		{"Numbers", numbers},
		{"VoidNumber", voidNumber},
		{"Hands", hands},
		{"OneWinner", oneWinner},
		{"Refusal", refusal},
		{"Boxes", boxes},
		{"Clocks", clocks},
		{"Paging", paging},
		{"Deliveries", deliveries},
		{"Lease", lease},
		{"Pack", pack},
		{"Family", family},
		{"Purge", purge},
		{"Later", later},
		{"Ended", ended},
		{"People", people},
		{"Sessions", sessions},
		{"House", house},
		{"Halt", halt},
		{"Motions", motions},
		{"OneGrant", oneGrant},
		{"Leavers", leavers},
		{"Setups", setups},
		{"Proposals", proposals},
		{"OneVersion", oneVersion},
		{"Retros", retros},
		{"Sequencer", sequencer},
		{"Proofs", proofs},
		{"Tampering", tampering},
		{"Incidents", incidents},
		{"AppendOnly", appendOnly},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// noon is when the tests begin.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 123000, time.UTC)

// wait is a job of the tests.
type wait struct {
	N int `json:"n"`
}

// Kind names the job.
func (wait) Kind() string { return "wait" }

func equal[T any](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	tb.Errorf("%s:\n got %s\nwant %s", what, show(got), show(want))
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return fmt.Sprintf("%s (%+v)", b, v)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// write runs f in a transaction that must succeed.
func (f Fixture) write(tb testing.TB, do func(ctx context.Context, tx workflow.Tx) error) {
	tb.Helper()
	must(tb, f.InTx(tb.Context(), func(tx workflow.Tx) error { return do(tb.Context(), tx) }))
}

// counted returns the number of rows of a table.
func (f Fixture) counted(tb testing.TB, table string) (n int) {
	tb.Helper()
	must(tb, f.SQL.QueryRowContext(tb.Context(), `SELECT count(*) FROM `+table).Scan(&n))
	return n
}

func (f Fixture) loaded(tb testing.TB, id workflow.ItemID) *workflow.Case {
	tb.Helper()
	c, err := f.Case(tb.Context(), id)
	must(tb, err)
	return c
}

// created stores a plain draft of the unit and returns its id.
func (f Fixture) created(tb testing.TB) workflow.ItemID {
	tb.Helper()
	return f.create(tb, draft())
}

func (f Fixture) create(tb testing.TB, ch workflow.Change) (id workflow.ItemID) {
	tb.Helper()
	f.write(tb, func(ctx context.Context, tx workflow.Tx) (err error) {
		id, err = tx.Create(ctx, ch, func(it workflow.Item) string { return fmt.Sprintf("digest-%d", it.ID) })
		return err
	})
	return id
}

// changed applies ch to the item, after edit has filled it in.
func (f Fixture) changed(tb testing.TB, id workflow.ItemID, edit func(*workflow.Change)) {
	tb.Helper()
	f.write(tb, func(ctx context.Context, tx workflow.Tx) error { return change(ctx, tx, id, edit) })
}

func change(ctx context.Context, tx workflow.Tx, id workflow.ItemID, edit func(*workflow.Change)) error {
	c, err := tx.Load(ctx, id)
	if err != nil {
		return err
	}
	ch := workflow.Change{Item: c.Item, Record: record("move", int64(id))}
	edit(&ch)
	return tx.Apply(ctx, c, ch)
}

func record(event string, item int64) ledger.Record {
	return ledger.Record{At: noon, Person: "zhao", Name: "赵审", Role: "reviewer", Event: event, Item: item, Result: ledger.Done}
}

func draft() workflow.Change {
	return workflow.Change{
		Item: workflow.Item{
			State: workflow.Draft, Revision: 1, Round: 1, Class: workflow.Ordinary, Urgency: workflow.Normal, Unit: "tax",
			Author: "wang", AuthorName: "王拟", Title: "停电通知", Column: "notice", Created: noon, Since: noon,
		},
		Revision: &workflow.Revision{N: 1, By: "wang", ByName: "王拟", At: noon, Content: workflow.Content{Title: "停电通知", BodyHTML: "<p>今日停电</p>"}},
		Hands:    []workflow.Hand{{Key: "emp:1", Duty: workflow.AuthorDuty}},
		Audience: []string{"unit:tax"},
		Record:   record("create", 0),
	}
}

// furnished gives the store a house with channels and routes.
func (f Fixture) furnished(tb testing.TB) workflow.Setup {
	tb.Helper()
	s := workflow.Setup{
		House: "政务服务中心", Series: "清公",
		Units: []workflow.Unit{{ID: "tax", Name: "税务窗口"}},
		Channels: []workflow.Channel{
			{ID: "portal", Name: "门户", Kind: workflow.Portal, State: workflow.ChannelLive},
			{ID: "led", Name: "条屏", Kind: workflow.LED, State: workflow.ChannelLive, Key: "secret", Width: 256, Height: 32, Days: 30},
		},
		Routes: []workflow.Route{{ID: "r", Version: 1, Unit: "tax", UnitStep: true, Hours: map[workflow.State]int{workflow.UnitCheck: 4}}},
	}
	f.write(tb, func(ctx context.Context, tx workflow.Tx) error { return tx.PutSetup(ctx, s, record("configure", 0)) })
	return s
}
