package lexicon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/review/extract"
	"qingyang/review/term"
)

// probe is an engine with some texts alone, kept since a retro-scan asks for the same of many items.
type probe struct {
	texts  []string
	engine *engine.Engine
}

// Holds implements workflow.Lexicon. Allow phrases do not count here, nor does likeness.
func (x *Lexicon) Holds(ctx context.Context, d review.Document, texts []string) ([]string, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	e, err := x.probing(texts)
	if err != nil {
		return nil, err
	}
	rep, err := e.Scan(ctx, d)
	if err != nil {
		return nil, err
	}
	var held []string
	for _, f := range rep.Findings {
		if f.Kind == review.Term && !slices.Contains(held, f.Term) {
			held = append(held, f.Term)
		}
	}
	return held, nil
}

func (x *Lexicon) probing(texts []string) (*engine.Engine, error) {
	x.probeMu.Lock()
	defer x.probeMu.Unlock()
	if x.probe.engine != nil && slices.Equal(x.probe.texts, texts) {
		return x.probe.engine, nil
	}
	lib := term.Library{Name: "probe", Version: "1"}
	for _, t := range texts {
		if utf8.ValidString(t) && t != "" && utf8.RuneCountInString(t) <= term.MaxRunes {
			lib.Terms = append(lib.Terms, term.Term{Text: t, Category: "probe", Level: review.Hint, Confirmed: true})
		}
	}
	rules, err := term.Compile(time.Time{}, lib)
	if err != nil {
		return nil, fmt.Errorf("compile %d texts: %w", len(lib.Terms), err)
	}
	x.probe = probe{slices.Clone(texts), engine.New(rules)}
	return x.probe.engine, nil
}

// Around implements workflow.Lexicon.
func (x *Lexicon) Around(ctx context.Context, d review.Document, f review.Finding, each int) (string, error) {
	for _, p := range d.Parts {
		if p.Name != f.Part {
			continue
		}
		segs, err := extract.Part(p)
		if err != nil {
			return "", fmt.Errorf("words around a finding: %w", err)
		}
		return around(segs, f, each), nil
	}
	for _, u := range d.Files {
		if !strings.HasPrefix(f.Part, u.Name) {
			continue
		}
		segs, _, err := extract.Upload(ctx, u)
		if err != nil {
			return "", fmt.Errorf("words around a finding: %w", err)
		}
		if s := around(segs, f, each); s != "" {
			return s, nil
		}
	}
	return "", nil
}

// around looks f up in the segments of its part.
func around(segs []review.Segment, f review.Finding, each int) string {
	for _, s := range segs {
		if s.Part != f.Part {
			continue
		}
		rs := []rune(s.Text)
		start, end := f.Start, f.End
		if s.Offsets != nil {
			start, end = slices.Index(s.Offsets, int32(f.Start)), slices.Index(s.Offsets, int32(f.End)) //nolint:gosec // offsets are int32
		}
		if start < 0 || end > len(rs) || end <= start {
			continue
		}
		return clause(rs, start, end, each)
	}
	return ""
}

// clause widens a span of rs to the next sign, at most each characters on either side; "" where nothing stands beside it.
func clause(rs []rune, start, end, each int) string {
	from, to := max(0, start-each), min(len(rs), end+each)
	for i := start - 1; i >= from; i-- {
		if !word(rs[i]) {
			from = i + 1
		}
	}
	for i := end; i < to; i++ {
		if !word(rs[i]) {
			to = i
		}
	}
	if from == start && to == end || to-from > term.MaxRunes {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, string(rs[from:to]))
}

// word reports whether r may stand in a phrase; U+200B is where markup stood.
func word(r rune) bool { return unicode.IsLetter(r) || r == '\u200b' }
