package extract

import (
	"html"
	"maps"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/pii"
	"qingyang/seeds/sourcedocs"
)

// findings counts what detectors find in segments, by type and words.
func findings(t *testing.T, segs []review.Segment) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, s := range segs {
		if s.Where == "file_name" {
			continue
		}
		for _, d := range []review.Detector{pii.New(), detect.Markings(), detect.Posture(), detect.Substitution()} {
			fs, _, err := d.Detect(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range fs {
				out[f.Type+" "+strings.Join(strings.Fields(strings.ReplaceAll(f.Text, string(zeroWidth), "")), "")]++
			}
		}
	}
	return out
}

// A source document gives the same findings whatever file carries it.
func TestSourceDocumentsInEveryFile(t *testing.T) {
	for name, text := range sourcedocs.SourceDocuments(t) {
		want := findings(t, []review.Segment{{Text: text}})
		gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		var paras, tags strings.Builder
		for line := range strings.Lines(text) {
			line = html.EscapeString(strings.TrimRight(line, "\n"))
			paras.WriteString(para(line))
			tags.WriteString("<p>" + line + "</p>\n")
		}
		files := map[string][]byte{
			name + ".txt": []byte(gb), name + ".docx": wordDoc(t, strings.ReplaceAll(paras.String(), "\f", "")), name + ".html": []byte(tags.String()),
			name + ".zip": makeZip(t, entryOf{"a.txt", text}),
		}
		for file, data := range files {
			segs, found, err := Upload(t.Context(), uploadOf(file, data))
			if err != nil || len(found) != 0 {
				t.Fatalf("%s: %v %v", file, found, err)
			}
			if got := findings(t, segs); !maps.Equal(got, want) {
				t.Errorf("%s\n got %v\nwant %v", file, got, want)
			}
		}
	}
}
