package extract_test

import (
	"testing"

	"qingyang/review"
	"qingyang/review/extract"
)

// TestTextEntities: in plain text only entities written out in full are decoded, and the way back leads to their source.
func TestTextEntities(t *testing.T) {
	for in, want := range map[string]string{
		"赌&#21338;场": "赌博场", "A&amp;B;&nbsp;乙": "A&B;\u00a0乙", "甲&copy乙；": "", "a&b;c": "", "无": "", "&#38;#21338;": "&#21338;",
	} {
		segs, err := extract.Part(review.Part{Name: "body", Text: in})
		if err != nil || len(segs) != 1 {
			t.Fatal(in, segs, err)
		}
		got := segs[0]
		if want == "" {
			if got.Text != in || got.Offsets != nil {
				t.Errorf("%s: %q", in, got.Text)
			}
			continue
		}
		src := []rune(in)
		var back []rune
		for i := range []rune(got.Text) {
			back = append(back, src[got.Offsets[i]:got.Offsets[i+1]]...)
		}
		if got.Text != want || string(back) != in {
			t.Errorf("%s: %q from %q", in, got.Text, string(back))
		}
	}
}
