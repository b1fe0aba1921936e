package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"qingyang/review/engine"
)

// TestLinesTerms: terms of a line are the whole library, allow phrases alone join the installed one.
func TestLinesTerms(t *testing.T) {
	e := engine.New(small(t, "赌博"))
	for _, c := range []struct {
		line string
		want string // term texts found
	}{
		{`{"text":"赌博私彩"}`, "赌博"},
		{`{"text":"赌博私彩","terms":[]}`, ""},
		{`{"text":"赌博私彩","terms":["私彩"]}`, "私彩"},
		{`{"text":"赌博私彩","terms":["私彩","彩"],"allow":["私彩"]}`, ""},
		{`{"text":"反赌博，赌博","allow":["反赌博"]}`, "赌博"},
		{`{"text":"赌博","terms":null}`, "赌博"},
		{`{"text":"彩","terms":["彩"]}`, "彩"},
	} {
		var out bytes.Buffer
		if _, err := e.Lines(t.Context(), strings.NewReader(c.line), &out); err != nil {
			t.Fatal(err)
		}
		var a struct {
			Findings []struct{ Term, Level, Part string }
		}
		if err := json.Unmarshal(out.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range a.Findings {
			got = append(got, f.Term)
			if f.Level != "block" || f.Part != "" {
				t.Errorf("%s: %+v", c.line, f)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.line, got, c.want)
		}
	}
}

// FuzzLines: whatever comes in, every line that is not blank gets one answer that is JSON, with offsets inside its text.
func FuzzLines(f *testing.F) {
	e := builtin(f)
	f.Add([]byte(`{"id":1,"text":"57365","format":"html","terms":["赌 博"],"allow":["x"]}` + "\n{\n\n{\"text\":\"\\ud800赌\"}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if _, err := e.Lines(context.Background(), bytes.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		asked := 0
		for l := range bytes.SplitSeq(in, []byte("\n")) {
			if len(bytes.TrimSpace(l)) > 0 {
				asked++
			}
		}
		answered := 0
		for l := range bytes.Lines(out.Bytes()) {
			answered++
			if !json.Valid(l) {
				t.Fatalf("%q", l)
			}
		}
		if asked != answered {
			t.Fatalf("%d lines, %d answers", asked, answered)
		}
	})
}
