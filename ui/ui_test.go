package ui

import (
	"testing"

	"qingyang/ui/api"
	"qingyang/ui/page"
	"qingyang/ui/screen"
)

// Every route of the whole site says who may call it, and none is declared twice. Mutant: leave out one audience.
func TestEveryRouteDeclaresItsAudience(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []Side{&page.Pages{}, &api.API{}, screen.New(screen.Parts{})} {
		for _, r := range s.Routes() {
			key := r.Method + " " + r.Path
			if !r.Audience.Declared() {
				t.Errorf("%s is for nobody", key)
			}
			if seen[key] {
				t.Errorf("%s is declared twice", key)
			}
			seen[key] = true
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d routes", len(seen))
	}
}
