package index

import (
	"strings"

	folds "qingyang/review/term/fold"
)

// fold returns the runes of s that the matcher compares.
func fold(s string) string {
	return strings.Map(func(r rune) rune { return max(folds.Rune(r), -1) }, s)
}
