package detect_test

import (
	"maps"
	"testing"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/pii"
	"qingyang/seeds/sourcedocs"
)

// counts are findings by document, kind, type and level.
type count struct {
	doc, kind, rule string
	level           review.Level
}

// The source documents are located by rule and count, never by value.
func TestSourceDocuments(t *testing.T) {
	docs := sourcedocs.SourceDocuments(t)
	got := map[count]int{}
	for name, text := range docs {
		for _, d := range []review.Detector{
			pii.New(), detect.Markings(), detect.Links(), detect.Hidden(), detect.Posture(), detect.Substitution(),
		} {
			fs, _, err := d.Detect(t.Context(), review.Segment{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range fs {
				got[count{name, string(f.Kind), f.Type, f.Level}]++
				if f.Kind == review.Posture {
					got[count{name, "posture", "", f.Level}] = 1
					delete(got, count{name, string(f.Kind), f.Type, f.Level})
				}
			}
		}
	}
	want := map[count]int{
		{"001", "posture", "", review.Ask}: 1, {"003", "posture", "", review.Ask}: 1,
		{"002", "pii", pii.Mobile, review.Block}: 1, {"003", "pii", pii.Mobile, review.Block}: 1,
		{"002", "pii", pii.OfficePhone, review.Hint}: 3, {"004", "pii", pii.OfficePhone, review.Hint}: 3,
		{"004", "link", "substitution", review.Hint}: 3,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
