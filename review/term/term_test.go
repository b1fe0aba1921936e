package term

import (
	"testing"
	"time"

	"qingyang/review"
)

// rules compiles a library in which every term blocks and is looked for by likeness.
func rules(t testing.TB, terms, allow, cover []string) *Ruleset {
	t.Helper()
	lib := Library{Name: "t", Version: "1", Allow: allow, Cover: cover}
	for _, s := range terms {
		lib.Terms = append(lib.Terms, Term{Text: s, Category: "test", Level: review.Block, Fuzzy: AnyFuzzy, Confirmed: true})
	}
	r, err := Compile(time.Time{}, lib)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
