package library

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/term"
	"qingyang/seeds/sourcedocs"
)

func TestLibrariesCompile(t *testing.T) {
	libs, err := All()
	if err != nil || len(libs) != 5 {
		t.Fatal(len(libs), err)
	}
	r, err := Compile(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range libs {
		n += len(l.Terms)
	}
	if r.Len() != n || n < 300 || len(r.SHA256()) != 64 {
		t.Fatal(r.Len(), n, r.SHA256())
	}
}

// TestEveryTermHits finds each term in a sentence of its own, and says so when an allow phrase swallows it.
func TestEveryTermHits(t *testing.T) {
	libs, err := All()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compile(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libs {
		for _, x := range l.Terms {
			found, _, err := r.Detect(context.Background(), review.Segment{Text: "【" + x.Text + "】"})
			hit := func(f review.Finding) bool {
				return f.Term == x.Text && f.Start == 1 && f.Level == x.Level && f.AutoReturn == x.AutoReturn
			}
			if err != nil || !slices.ContainsFunc(found, hit) {
				t.Errorf("%s: %q: %v %v", l.Name, x.Text, found, err)
			}
		}
	}
}

// TestSourceTerms: in the source documents the gambling insertion is the only term above hint.
func TestSourceTerms(t *testing.T) {
	r, err := Compile(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range sourcedocs.SourceDocuments(t) {
		found, _, err := r.Detect(context.Background(), review.Segment{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, f := range found {
			if f.Level != review.Hint {
				words = append(words, string(f.Level)+" "+f.Text)
			} else {
				t.Log(name, f.Match, f.Term, f.Text)
			}
		}
		want := ""
		if name == "004" {
			want = "block 57365|block 57365|block 57365"
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"nam = 'x'", "name = 'x'\n[[group]]\nfuzzy = ['smell']", "name = ", "name = 'x'\n[[group]]\nlevels = 'block'",
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q taken", s)
		}
	}
}

// pairs returns the lines "term | sentence；sentence" of a file of cases.
func pairs(t *testing.T, file string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if word, rest, ok := strings.Cut(strings.TrimSpace(line), " | "); ok && line[0] != '#' {
			out[word] = append(out[word], strings.Split(rest, "；")...)
		}
	}
	return out
}

// one returns the installed rules with a single term.
func one(t *testing.T, r *term.Ruleset, word string) *term.Ruleset {
	t.Helper()
	out, err := r.Only(term.Library{Name: "t", Terms: []term.Term{{Text: word, Level: review.Block}}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBoundary: where a term only lies across the joint of two common words it is no hit.
func TestBoundary(t *testing.T) {
	r, err := Compile(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for word, sentences := range pairs(t, "testdata/boundary.txt") {
		single := one(t, r, word)
		for _, s := range sentences {
			found, dropped, err := single.Detect(t.Context(), review.Segment{Text: s})
			if err != nil || len(found) > 0 || strings.Contains(s, word) && len(dropped) != 1 {
				t.Errorf("%s in %s: %v %v", word, s, found, err)
			}
		}
	}
}

// TestRealHits: common words around a term do not take it away.
func TestRealHits(t *testing.T) {
	r, err := Compile(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	all := pairs(t, "testdata/hits.txt")
	for word := range pairs(t, "testdata/boundary.txt") {
		all[word] = append(all[word], "有人说"+word+"。")
	}
	for word, sentences := range all {
		single := one(t, r, word)
		for _, s := range sentences {
			if found, _, err := single.Detect(t.Context(), review.Segment{Text: s}); err != nil || len(found) != 1 {
				t.Errorf("%s in %s: %v %v", word, s, found, err)
			}
		}
	}
}
