package workflow

import (
	"context"
	"slices"
	"testing"
	"time"
)

// TestReviewDate: after its column's days in public an item becomes a task, once a turn, and stays public. Mutants: a turn that a
// verdict does not end; a verdict that ends all turns; taking the item down.
func TestReviewDate(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", far(len(way)))
	w.store.setup.Columns[0].ReviewDays = 10
	w.withLibrary(t)
	published := c.Item.Since
	for _, step := range []struct {
		days    int
		flagged bool
		turns   []string
	}{
		{9, false, nil},
		{11, true, []string{"10"}},
		{12, false, []string{"10"}}, // judged meanwhile
		{21, true, []string{"10", "20"}},
		{55, true, []string{"10", "20", "50"}}, // nobody looked for long: the turns that passed are one task
	} {
		w.clock = published.AddDate(0, 0, step.days)
		hit, err := w.desk.recheck(context.Background(), 1, nil)
		if err != nil || hit != step.flagged {
			t.Fatalf("day %d: %v, %v", step.days, hit, err)
		}
		c = w.now(t)
		var got, want []string
		for _, f := range c.Findings {
			got = append(got, f.Text)
		}
		for _, n := range step.turns {
			d, _ := time.ParseDuration(n + "h")
			want = append(want, published.Add(24*d).In(Beijing).Format(time.DateOnly))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || c.Item.State != Published {
			t.Fatalf("day %d: %s with %v, want %v", step.days, c.Item.State, got, want)
		}
		if hit {
			if err := w.do("wu", ClearRecall); err != nil {
				t.Fatal(err)
			}
		}
	}
}
