package shape

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestParts(t *testing.T) {
	for r, want := range map[rune][]string{'赌': {"贝者"}, '法': {"氵去", "水去"}, 'a': nil} {
		if got := Parts(r); !slices.Equal(got, want) {
			t.Errorf("%c: %v, want %v", r, got, want)
		}
	}
}

// TestTable: every entry is a character and two or more parts, none of them itself.
func TestTable(t *testing.T) {
	n := 0
	for word := range strings.FieldsSeq(parts) {
		r := []rune(word)
		n++
		if len(r) < 3 && !strings.HasPrefix(word, "产") || slices.Contains(r[1:], r[0]) {
			t.Errorf("%s", word)
		}
		for _, c := range r {
			if !unicode.Is(unicode.Han, c) {
				t.Errorf("%s: %U is no character", word, c)
			}
		}
	}
	if n < 500 {
		t.Error(n)
	}
}
