package words

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// said has in English what the check says of a finding: the reasons, suggestions and bases of our own detectors and
// libraries, which store Chinese. {0} stands for what a detector puts in.
//
//go:embed said.json
var saidJSON []byte

var said = sync.OnceValue(func() (out sayings) {
	if err := json.Unmarshal(saidJSON, &out.whole); err != nil {
		panic("said.json: " + err.Error()) // a test reads it
	}
	for zh, en := range out.whole {
		if before, after, ok := strings.Cut(zh, "{0}"); ok {
			out.parts = append(out.parts, part{before, after, en})
		}
	}
	slices.SortFunc(out.parts, func(a, b part) int { return len(b.before) - len(a.before) })
	return out
})

// sayings are whole texts, and those with a gap, the most particular first.
type sayings struct {
	whole map[string]string
	parts []part
}

// part is a text with one gap.
type part struct{ before, after, en string }

// Said returns what the check says of a finding in the book's language. What a house wrote in its own library stays as it
// is written.
func (b Book) Said(zh string) string {
	if b.Lang() != En || zh == "" {
		return zh
	}
	if en, ok := said().whole[zh]; ok {
		return en
	}
	for _, p := range said().parts {
		if mid, ok := strings.CutPrefix(zh, p.before); ok && len(mid) >= len(p.after) && strings.HasSuffix(mid, p.after) {
			return strings.Replace(p.en, "{0}", b.Said(strings.TrimSuffix(mid, p.after)), 1)
		}
	}
	return zh
}
