package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// spot is what a caller of the batch format looks at.
type spot struct {
	Kind, Type, Term, Level string
	Start, End              int
	Text, Match             string
}

type reply struct {
	ID         any
	Findings   []spot
	Suppressed []struct {
		spot
		Cause string
	}
	Error string
}

func batch(t *testing.T, in string) ([]reply, int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Scan(context.Background(), []string{"--jsonl"}, strings.NewReader(in), &out, &errOut)
	var got []reply
	for l := range strings.Lines(out.String()) {
		var r reply
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err, l)
		}
		got = append(got, r)
	}
	return got, code
}

func TestScanLines(t *testing.T) {
	got, code := batch(t, `{"id":"a","text":"买六合彩","terms":[]}
{"id":2,"text":"𠀀关于机 密的","terms":["机密"],"allow":[]}

{"id":"c","text":"反赌博","terms":["赌博"],"allow":["反赌博"]}
{"id":"d","text":"到57365看看"}
`)
	if code != 1 || len(got) != 4 {
		t.Fatal(code, got)
	}
	if got[0].ID != "a" || len(got[0].Findings) != 0 || got[1].ID != 2.0 {
		t.Fatal(got)
	}
	want := []spot{{"term", "term", "机密", "block", 3, 6, "机 密", "folded"}}
	if !slices.Equal(got[1].Findings, want) {
		t.Fatal(got[1])
	}
	if s := got[2].Suppressed; len(got[2].Findings) != 0 || len(s) != 1 || s[0].Cause != "allow" || s[0].Start != 1 {
		t.Fatal(got[2])
	}
	if f := got[3].Findings; len(f) != 1 || f[0].Type != "gambling" || f[0].Level != "block" {
		t.Fatal(got[3])
	}
}

func TestScanBadLines(t *testing.T) {
	got, code := batch(t, "{\"id\":1}\n{broken\n{\"id\":3,\"text\":\"x\",\"format\":\"rtf\"}\n{\"id\":4,\"text\":\"x\",\"terms\":[\"\"]}\n{\"id\":5,\"text\":\"好\"}")
	if code != 2 || len(got) != 5 {
		t.Fatal(code, got)
	}
	for i, r := range got {
		if (r.Error == "") != (i == 4) {
			t.Fatal(i, r)
		}
	}
}

func TestScanFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	clean, bad := write("clean.txt", "国庆节放假通知"), write("bad.txt", "买六合彩")
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{clean}, 0},
		{[]string{clean, bad}, 1},
		{[]string{bad, filepath.Join(dir, "none.txt")}, 2},
		{[]string{}, 2},
		{[]string{"--jsonl", bad}, 2},
		{[]string{"--nope"}, 2},
	} {
		for _, mode := range [][]string{nil, {"--json"}} {
			var out, errOut bytes.Buffer
			got := Scan(context.Background(), append(mode, c.args...), nil, &out, &errOut)
			if got != c.want {
				t.Errorf("%v: %d, want %d: %s %s", c.args, got, c.want, &out, &errOut)
			}
		}
	}
}
