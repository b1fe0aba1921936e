package jobs

import (
	"testing"
	"time"
)

// TestAtNight: due once a day, at two in the morning of the house, whatever zone the question is asked in.
// Mutant: the day taken from UTC.
func TestAtNight(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-22T17:59:59Z":      "2026-11-22T18:00:00Z",
		"2026-11-22T18:00:00Z":      "2026-11-23T18:00:00Z",
		"2026-11-23T01:00:00+08:00": "2026-11-22T18:00:00Z",
		"2026-12-31T23:00:00+08:00": "2026-12-31T18:00:00Z",
	} {
		from, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := (atNight{}).Next(from).UTC().Format(time.RFC3339); got != want {
			t.Errorf("after %s: %s, want %s", at, got, want)
		}
	}
}
