package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/review/term"
	"qingyang/seeds/library"
)

const termsUsage = "用法 usage: qingyang terms export > TERMS.csv | qingyang terms test [--json] TEXT"

// termsCommand writes the libraries out, or tries the whole check on a text.
func termsCommand(ctx context.Context, args []string, t terminal) int {
	fs := flag.NewFlagSet("terms", flag.ContinueOnError)
	fs.SetOutput(t.err)
	asJSON := fs.Bool("json", false, "结果写成 JSON (findings as JSON)")
	var words []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return fail(t, err)
		}
		if args = fs.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	switch {
	case len(words) == 1 && words[0] == "export":
		if err := exportTerms(t.out); err != nil {
			return fail(t, err)
		}
		return exitDone
	case len(words) == 2 && words[0] == "test":
		return testTerms(ctx, words[1], *asJSON, t)
	}
	fmt.Fprintln(t.err, termsUsage)
	return exitFail
}

var termColumns = []string{"library", "version", "kind", "text", "category", "level", "auto_return", "fuzzy", "rule", "basis", "why", "suggest"}

// exportTerms writes every built-in library as CSV (RFC 4180), in UTF-8 with the mark by which spreadsheets know it. Kind is
// term, allow (a phrase that cancels hits in it) or cover (a word whose joint with another is no hit).
func exportTerms(w io.Writer) error {
	libs, err := library.All()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	rows := [][]string{termColumns}
	for _, l := range libs {
		for _, t := range l.Terms {
			rows = append(rows, []string{
				l.Name, l.Version, "term", t.Text, t.Category, string(t.Level), strconv.FormatBool(t.AutoReturn), ways(t.Fuzzy), t.Rule, t.Basis,
				t.Why, t.Suggest,
			})
		}
		for _, list := range []struct {
			kind  string
			texts []string
		}{{"allow", l.Allow}, {"cover", l.Cover}} {
			for _, text := range list.texts {
				row := make([]string, len(termColumns))
				row[0], row[1], row[2], row[3] = l.Name, l.Version, list.kind, text
				rows = append(rows, row)
			}
		}
	}
	return out.WriteAll(rows)
}

// ways names the likenesses that a term is looked for by.
func ways(f term.Fuzzy) string {
	var out []string
	for _, w := range []struct {
		bit  term.Fuzzy
		name string
	}{{term.Pinyin, "pinyin"}, {term.Initials, "initials"}, {term.Homophone, "homophone"}, {term.Split, "split"}} {
		if f&w.bit != 0 {
			out = append(out, w.name)
		}
	}
	return strings.Join(out, " ")
}

// causes says why a hit does not count.
var causes = map[string]string{
	term.CauseAllow: "在允许语中", term.CauseBoundary: "是更长的数字或单词的一部分", term.CauseCover: "跨在两个常用词之间", term.CauseScript: "属于另一种文字的单词",
	"counter": "是数量或编号，不是电话",
}

// testTerms runs the whole check on text and exits 1 if it would block an item.
func testTerms(ctx context.Context, text string, asJSON bool, t terminal) int {
	eng, err := newScanEngine()
	if err != nil {
		return fail(t, err)
	}
	rep, err := eng.Scan(ctx, review.Document{Parts: []review.Part{{Name: "text", Text: text}}})
	if err != nil {
		return fail(t, err)
	}
	if asJSON {
		rep.Findings, rep.Suppressed = append([]review.Finding{}, rep.Findings...), append([]review.Suppressed{}, rep.Suppressed...)
		enc := json.NewEncoder(t.out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(rep)
	} else {
		err = tellTerms(rep, t.out)
	}
	if err != nil {
		return fail(t, err)
	}
	return int(engine.Judge(rep))
}

func tellTerms(rep review.Report, out io.Writer) error {
	fmt.Fprintf(out, "%d 处 findings, %d 处不计 suppressed\n", len(rep.Findings), len(rep.Suppressed))
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	line := func(mark string, f review.Finding, why string) {
		fmt.Fprintf(w, "%s\t%s/%s\t%d-%d\t%q\t%s\t%s\t%s\t%s\n", mark, f.Kind, f.Type, f.Start, f.End, f.Text, f.Term, f.Match, f.Rule, why)
	}
	for _, f := range rep.Findings {
		line(string(f.Level), f, f.Why)
	}
	for _, s := range rep.Suppressed {
		why := s.Cause
		if words, ok := causes[s.Cause]; ok {
			why += "：" + words
		}
		line("-", s.Finding, why)
	}
	return w.Flush()
}
