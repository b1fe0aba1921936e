package main

import (
	"context"
	"log/slog"
	"testing"

	"qingyang/review"
	"qingyang/ui/page"
)

// The libraries of the program are found by text, by pinyin and by category, also by a program that finds the index made.
// Mutant: open the index without filling it; fill it only when fresh is false.
func TestBookshelf(t *testing.T) {
	ctx := context.Background()
	c := config{Data: t.TempDir(), Keys: t.TempDir()}
	for range 2 {
		a, err := open(ctx, c, wallClock, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		b := a.newBookshelf()
		for _, text := range []string{"博彩", "bocai"} {
			found, err := b.Search(ctx, text, "gambling", 5)
			if err != nil || len(found) == 0 {
				t.Fatalf("%s: %v, %v", text, found, err)
			}
			got := page.Term{Library: found[0].Library, Category: found[0].Category, Level: found[0].Level}
			if want := (page.Term{Library: "gambling", Category: "gambling", Level: review.Block}); got != want {
				t.Errorf("%s: got %+v, want %+v", text, got, want)
			}
		}
		if found, err := b.Search(ctx, "博彩", "loan", 5); err != nil || len(found) > 0 {
			t.Errorf("another category: %v, %v", found, err)
		}
		shelves, sum, err := b.Installed(ctx)
		if err != nil || len(shelves) == 0 || sum != a.engine.Library() || len(shelves[0].SHA) != 64 {
			t.Errorf("installed: %+v %q, %v", shelves, sum, err)
		}
		if err := a.close(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
