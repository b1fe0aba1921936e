package workflow

import (
	"reflect"
	"testing"
	"time"
)

// TestParsePeriod: mutants are a thirteenth month, and a December that ends in its own year.
func TestParsePeriod(t *testing.T) {
	day := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC) }
	for s, want := range map[string]Period{
		"2026":    {"2026", day(2026, 1), day(2027, 1)},
		"2026-12": {"2026-12", day(2026, 12), day(2027, 1)},
		"2026-02": {"2026-02", day(2026, 2), day(2026, 3)},
	} {
		if got, ok := ParsePeriod(s, time.UTC); !ok || got != want {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "26", "2026-13", "2026-1", "1999", "2026-00", "2026-01-01", " 2026"} {
		if _, ok := ParsePeriod(s, time.UTC); ok {
			t.Errorf("%q is a period", s)
		}
	}
}

// TestSummarise: every number is counted once; a unit without any reports nil. Mutants: a void number that was published before
// counts as shown; a unit without numbers is left out.
func TestSummarise(t *testing.T) {
	p, _ := ParsePeriod("2026-11", time.UTC)
	at := p.From.Add(time.Hour)
	lines := []RegisterLine{
		{Number: "7", Unit: "a", At: at, State: Published, Published: at},
		{Number: "6", Unit: "a", At: at, State: Published, Published: at, Void: true},
		{Number: "5", Unit: "a", At: at, State: Registered},
		{Number: "4", Unit: "a", At: at, State: Withdrawn, Published: at},
		{Number: "3", Unit: "gone", At: at, State: Expired, Published: at},
		{Number: "2", Unit: "a", At: at, State: Suspended, Published: at},
		{Number: "1", Unit: "a", At: at, State: Expired},
	}
	got := summarise(p, []Unit{{ID: "a", Name: "甲"}, {ID: "b", Name: "乙"}}, lines)
	want := Summary{
		Period: p, First: "1", Last: "7",
		Units: []Tally{
			{Unit: "a", Name: "甲", Registered: 6, Void: 1, Shown: 1, Down: 2, Over: 1, Waiting: 1},
			{Unit: "b", Name: "乙"},
			{Unit: "gone", Name: "gone", Registered: 1, Over: 1},
		},
		Sum: Tally{Registered: 7, Void: 1, Shown: 1, Down: 2, Over: 2, Waiting: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	house := Setup{Units: []Unit{{ID: "a"}, {ID: "office"}}, Routes: []Route{{ID: "r", Unit: "a"}}}
	if us := house.drafting(); !reflect.DeepEqual(us, []Unit{{ID: "a"}}) {
		t.Errorf("a unit that drafts nothing owes a report: %v", us)
	}
	if !got.Units[1].Nil() || got.Units[0].Nil() {
		t.Error("who has nothing to report")
	}
	for _, u := range append(got.Units, got.Sum) {
		if u.Void+u.Shown+u.Down+u.Over+u.Waiting != u.Registered {
			t.Errorf("%+v does not add up", u)
		}
	}
}
