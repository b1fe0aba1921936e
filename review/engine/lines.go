package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"qingyang/review"
	"qingyang/review/term"
)

// Outcome sums up what was scanned. Its values are the exit codes of the scan command.
type Outcome int

// The outcomes, the worse the greater.
const (
	Clean   Outcome = 0 // nothing blocking
	Blocked Outcome = 1 // at least one blocking finding
	Unread  Outcome = 2 // something could not be read
)

// Judge returns the outcome of a report.
func Judge(r review.Report) Outcome {
	out := Clean
	for _, f := range r.Findings {
		switch {
		case f.Kind == review.File && f.Level != review.Hint:
			return Unread
		case f.Level == review.Block:
			out = Blocked
		}
	}
	return out
}

// line is one request. Terms and Allow absent (nil) differ from empty.
type line struct {
	ID     json.RawMessage  `json:"id"`
	Format string           `json:"format"`
	Text   *string          `json:"text"`
	Terms  *json.RawMessage `json:"terms"`
	Allow  *json.RawMessage `json:"allow"`
}

// answer is what one line gets.
type answer struct {
	ID         json.RawMessage     `json:"id"`
	Findings   []review.Finding    `json:"findings"`
	Suppressed []review.Suppressed `json:"suppressed"`
	Error      string              `json:"error,omitempty"`
}

// Lines reads one JSON object a line from in and writes one a line to out, in order: see CHECK, "What comes in". A line
// that cannot be read is answered with an error and makes the outcome Unread; Lines itself fails when in or out do.
func (e *Engine) Lines(ctx context.Context, in io.Reader, out io.Writer) (Outcome, error) {
	b := batch{e: e, w: bufio.NewWriter(out)}
	r := bufio.NewReaderSize(in, 1<<16)
	worst := Clean
	for {
		raw, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(raw)) > 0 {
			o, err := b.one(ctx, raw)
			if err != nil {
				return Unread, err
			}
			worst = max(worst, o)
		}
		if errors.Is(err, io.EOF) {
			return worst, b.w.Flush()
		}
		if err != nil {
			return Unread, fmt.Errorf("read lines: %w", err)
		}
	}
}

// batch keeps the rules of the last line: most batches repeat them.
type batch struct {
	e     *Engine
	w     *bufio.Writer
	key   string
	rules *term.Ruleset
}

// one answers one line. Its error is one of the writer or of ctx.
func (b *batch) one(ctx context.Context, raw []byte) (Outcome, error) {
	var l line
	a := answer{ID: json.RawMessage("null"), Findings: []review.Finding{}, Suppressed: []review.Suppressed{}}
	rep, err := b.scan(ctx, raw, &l)
	if l.ID != nil {
		a.ID = l.ID
	}
	o := Judge(rep)
	switch {
	case ctx.Err() != nil:
		return Unread, ctx.Err()
	case err != nil:
		a.Error, o = err.Error(), Unread
	default:
		a.Findings, a.Suppressed = append(a.Findings, rep.Findings...), append(a.Suppressed, rep.Suppressed...)
		for i := range a.Findings {
			a.Findings[i].Part = ""
		}
		for i := range a.Suppressed {
			a.Suppressed[i].Part = ""
		}
	}
	enc := json.NewEncoder(b.w)
	enc.SetEscapeHTML(false)
	return o, enc.Encode(a)
}

func (b *batch) scan(ctx context.Context, raw []byte, l *line) (review.Report, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(l); err != nil {
		return review.Report{}, fmt.Errorf("这一行不是有效的 JSON (bad line): %w", err)
	}
	if l.Text == nil {
		return review.Report{}, errors.New("缺少 text (text missing)")
	}
	if l.Format != "" && l.Format != "text" && l.Format != "html" {
		return review.Report{}, fmt.Errorf("format 须为 text 或 html (unknown format %q)", l.Format)
	}
	rules, err := b.choose(l)
	if err != nil {
		return review.Report{}, err
	}
	return b.e.scan(ctx, review.Document{Parts: []review.Part{{Format: l.Format, Text: *l.Text}}}, rules)
}

// choose returns the rules for a line: its own when it has terms, otherwise the installed ones, with its allow phrases.
func (b *batch) choose(l *line) (*term.Ruleset, error) {
	installed := b.e.Rules()
	if l.Terms == nil && l.Allow == nil {
		return installed, nil
	}
	key := "-"
	if l.Terms != nil {
		key = string(*l.Terms)
	}
	if l.Allow != nil {
		key += "\n" + string(*l.Allow)
	}
	if b.rules != nil && b.key == key {
		return b.rules, nil
	}
	var terms, allow []string
	if err := list(l.Terms, &terms); err != nil {
		return nil, fmt.Errorf("terms: %w", err)
	}
	if err := list(l.Allow, &allow); err != nil {
		return nil, fmt.Errorf("allow: %w", err)
	}
	var err error
	if l.Terms == nil {
		b.rules, err = installed.With(term.Library{Name: "line", Version: "1", Allow: allow})
	} else {
		b.rules, err = installed.Only(own(terms, allow))
	}
	b.key = key
	return b.rules, err
}

func list(raw *json.RawMessage, out *[]string) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(*raw, out)
}

// own makes the library of a line: every term blocks and is looked for by likeness too.
func own(terms, allow []string) term.Library {
	lib := term.Library{Name: "line", Version: "1", Allow: allow}
	for _, t := range terms {
		lib.Terms = append(lib.Terms, term.Term{
			Text: t, Category: "term", Level: review.Block, Fuzzy: term.AnyFuzzy, Confirmed: true,
		})
	}
	return lib
}
