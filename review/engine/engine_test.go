package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/review/term"
	"qingyang/seeds/library"
	"qingyang/seeds/sourcedocs"
)

func builtin(t testing.TB) *engine.Engine {
	t.Helper()
	rules, err := library.Compile(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return engine.New(rules, pii.New(), detect.Markings(), detect.Links(), detect.Hidden(), detect.Posture(), detect.Substitution())
}

func small(t testing.TB, terms ...string) *term.Ruleset {
	t.Helper()
	lib := term.Library{Name: "t", Version: "1"}
	for _, s := range terms {
		lib.Terms = append(lib.Terms, term.Term{Text: s, Category: "x", Level: review.Block})
	}
	r, err := term.Compile(time.Time{}, lib)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fake is a detector that finds every occurrence of a word, or fails.
type fake struct {
	word string
	err  error
}

func (f fake) Detect(_ context.Context, s review.Segment) ([]review.Finding, []review.Suppressed, error) {
	if i := strings.Index(s.Text, f.word); f.err == nil && i >= 0 {
		n := len([]rune(s.Text[:i]))
		x := review.Finding{Kind: review.Posture, Rule: "fake", Level: review.Ask, Start: n, End: n + len([]rune(f.word)), Text: f.word}
		return []review.Finding{x, x}, nil, nil
	}
	return nil, nil, f.err
}

func upload(name, content string) review.Upload {
	return review.Upload{Name: name, Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(content))), nil
	}}
}

// place is what a test looks at.
func places(fs []review.Finding) (out []string) {
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s:%s:%s:%d-%d", f.Part, f.Kind, f.Level, f.Start, f.End))
	}
	return out
}

func TestScanParts(t *testing.T) {
	e := engine.New(small(t, "赌博"), fake{word: "防火墙"})
	d := review.Document{Digest: "d1", Parts: []review.Part{
		{Name: "title", Text: "说防火墙和赌博"},
		{Name: "body", Format: "html", Text: "<p>&#36172;<b>博</b>，防火墙</p>"},
		{Name: "channel:led", Text: "平安"},
	}}
	r, err := e.Scan(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"title:posture:ask:1-4", "title:term:block:5-7", "body:term:block:3-15", "body:posture:ask:20-23"}
	if got := places(r.Findings); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if f := r.Findings[2]; f.Text != "&#36172;<b>博" || f.Match != review.Folded {
		t.Errorf("%+v", f)
	}
	if r.Digest != "d1" || r.Library != e.Library() || !strings.Contains(r.Library, "t@1 sha256:") {
		t.Error(r.Digest, r.Library)
	}
}

func TestScanFails(t *testing.T) {
	broken := errors.New("broken")
	parts := []review.Part{{Name: "title", Text: "好"}}
	e := engine.New(small(t, "赌博"), fake{err: broken})
	if r, err := e.Scan(t.Context(), review.Document{Digest: "d", Parts: parts}); !errors.Is(err, broken) || r.Digest != "" {
		t.Error(r, err)
	}
	e = engine.New(small(t, "赌博"))
	if _, err := e.Scan(t.Context(), review.Document{Parts: []review.Part{{Format: "rtf"}}}); err == nil {
		t.Error("unknown format scanned")
	}
	gone := review.Upload{Name: "a.txt", Open: func(context.Context) (io.ReadCloser, error) { return nil, broken }}
	if _, err := e.Scan(t.Context(), review.Document{Files: []review.Upload{gone}}); !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Scan(ctx, review.Document{Parts: parts}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestScanFiles(t *testing.T) {
	e := builtin(t)
	r, err := e.Scan(t.Context(), review.Document{Digest: "d", Files: []review.Upload{
		upload("ok.txt", "国庆节放假通知"), upload("bad.txt", "来57365看"), upload("broken.docx", "PK\x03\x04broken"), upload("blank.txt", "  \n"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var terms, files int
	for _, f := range r.Findings {
		switch f.Kind { //nolint:exhaustive // no other kind is expected
		case review.Term:
			terms++
			if f.Level != review.Block || !f.AutoReturn || !strings.HasPrefix(f.Part, "bad.txt") || f.Text != "57365" {
				t.Errorf("%+v", f)
			}
		case review.File:
			files++
			if f.Level == review.Hint || f.Part == "" {
				t.Errorf("%+v", f)
			}
		default:
			t.Errorf("%+v", f)
		}
	}
	if terms != 1 || files != 2 {
		t.Errorf("%d terms, %d files: %+v", terms, files, r.Findings)
	}
	if engine.Judge(r) != engine.Unread {
		t.Error("an unreadable file counts as read")
	}
}

func TestBlackLink(t *testing.T) {
	e := builtin(t)
	html := `<p>通知</p><div style="display:none"><a href="http://x.example/">免费代理加盟</a></div>`
	r, err := e.Scan(t.Context(), review.Document{Parts: []review.Part{{Name: "body", Format: "html", Text: html}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		if f.Level == review.Block {
			got = append(got, string(f.Kind)+" "+f.Type+" "+f.Text)
		}
	}
	slices.Sort(got)
	want := []string{"hidden black_link 免费代理加盟", "hidden dark_link http://x.example/", "term spam 免费代理加盟"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	open := strings.Replace(html, ` style="display:none"`, "", 1)
	r, err = e.Scan(t.Context(), review.Document{Parts: []review.Part{{Name: "body", Format: "html", Text: open}}})
	if err != nil || slices.ContainsFunc(r.Findings, func(f review.Finding) bool { return f.Level == review.Block }) {
		t.Errorf("%+v %v", r.Findings, err)
	}
}

// TestChangeWhileScanning: scans see the old rules or the new ones, whole; a change is in force at once.
func TestChangeWhileScanning(t *testing.T) {
	e := engine.New(small(t, "赌博"))
	doc := review.Document{Digest: "d", Parts: []review.Part{{Name: "p", Text: "赌博和私彩"}}}
	count := func() int {
		r, err := e.Scan(t.Context(), doc)
		if err != nil {
			t.Error(err)
		}
		return len(r.Findings)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if n := count(); n != 1 && n != 2 {
						t.Error(n)
					}
				}
			}
		})
	}
	extra := term.Library{Name: "x", Version: "2", Terms: []term.Term{{Text: "私彩", Category: "x", Level: review.Ask}}}
	for range 50 {
		if err := e.Change(func(r *term.Ruleset) (*term.Ruleset, error) { return r.With(extra) }); err != nil {
			t.Fatal(err)
		}
		if count() != 2 {
			t.Error("the added term is not found")
		}
		if err := e.Settle(); err != nil {
			t.Fatal(err)
		}
		if err := e.Change(func(r *term.Ruleset) (*term.Ruleset, error) { return r.Without("私彩"), nil }); err != nil {
			t.Fatal(err)
		}
		if count() != 1 {
			t.Error("the removed term is found")
		}
	}
	close(stop)
	wg.Wait()
	before := e.Library()
	bad := errors.New("no")
	if err := e.Change(func(*term.Ruleset) (*term.Ruleset, error) { return nil, bad }); !errors.Is(err, bad) || e.Library() != before {
		t.Error(err)
	}
}

// TestSourceDocuments: everything above hint that the five documents hold, by rule and count.
func TestSourceDocuments(t *testing.T) {
	e := builtin(t)
	got := map[string]int{}
	for name, text := range sourcedocs.SourceDocuments(t) {
		r, err := e.Scan(t.Context(), review.Document{Digest: name, Parts: []review.Part{{Name: "body", Text: text}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			if f.Level == review.Hint && f.Type != pii.OfficePhone {
				continue
			}
			k := fmt.Sprint(name, " ", f.Level, " ", f.Kind, " ")
			if f.Kind == review.Posture {
				got[k] = 1
			} else {
				got[k+f.Type]++
			}
		}
	}
	want := map[string]int{
		"004 block term gambling": 3, "002 block pii mobile": 1, "003 block pii mobile": 1, "001 ask posture ": 1, "003 ask posture ": 1,
		"002 hint pii office_phone": 3, "004 hint pii office_phone": 3,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
