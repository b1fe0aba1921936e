package detect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qingyang/review"
	"qingyang/review/detect"
)

// span is what a case expects: a type and rune offsets.
type span struct {
	Type       string
	Start, End int
	Text       string
}

// parse takes the marks ⟦type|words⟧ out of a case line; marks may nest.
func parse(t *testing.T, line string) (string, []span) {
	t.Helper()
	line, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("case %q: %v", line, err)
	}
	var text []rune
	var open, spans []span
	in := []rune(line)
	for i := 0; i < len(in); i++ {
		switch in[i] {
		case '⟦':
			bar := i + slices.Index(in[i:], '|')
			open = append(open, span{Type: string(in[i+1 : bar]), Start: len(text)})
			i = bar
		case '⟧':
			s := open[len(open)-1]
			open = open[:len(open)-1]
			s.End = len(text)
			s.Text = string(text[s.Start:s.End])
			spans = append(spans, s)
		default:
			text = append(text, in[i])
		}
	}
	return string(text), spans
}

func order(s []span) []span {
	slices.SortFunc(s, func(a, b span) int { return (a.Start-b.Start)*1000 + a.End - b.End })
	return s
}

// detectors by the folder of their cases.
var detectors = map[string]review.Detector{
	"marking": detect.Markings(), "link": detect.Links(), "hidden": detect.Hidden(), "posture": detect.Posture(),
	"substitution": detect.Substitution(),
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) < len(detectors) {
		t.Fatalf("%d files of cases: %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			n++
			checkCase(t, f, line)
		}
		if n < 15 {
			t.Errorf("%s has %d cases, want at least 15", f, n)
		}
	}
}

// checkCase runs one line; @where before it is the place of the segment.
func checkCase(t *testing.T, file, line string) {
	t.Helper()
	where := ""
	if strings.HasPrefix(line, "@") {
		where, line, _ = strings.Cut(line[1:], " ")
	}
	text, want := parse(t, line)
	d := detectors[filepath.Base(filepath.Dir(file))]
	got, _, err := d.Detect(t.Context(), review.Segment{Text: text, Where: where})
	if err != nil {
		t.Fatal(err)
	}
	if g := spansOf(got); !slices.Equal(g, order(want)) {
		t.Errorf("%s: %s\n got %v\nwant %v", file, line, g, want)
	}
}

func spansOf(fs []review.Finding) []span {
	var out []span
	for _, f := range fs {
		out = append(out, span{f.Type, f.Start, f.End, f.Text})
	}
	return order(out)
}
