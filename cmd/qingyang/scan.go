package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/seeds/library"
)

// Scan checks files, or with --jsonl a batch from in, and returns the exit code: 0 nothing blocking, 1 blocking findings,
// 2 something could not be read.
func Scan(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	fs := flag.NewFlagSet("scan", flag.ContinueOnError)
	fs.SetOutput(errOut)
	lines := fs.Bool("jsonl", false, "逐行读写 JSON (one JSON object a line, in and out)")
	asJSON := fs.Bool("json", false, "结果写成 JSON (findings as JSON)")
	if err := fs.Parse(args); err != nil {
		return int(engine.Unread)
	}
	if *lines == (fs.NArg() > 0) {
		fmt.Fprintln(errOut, "用法 usage: qingyang scan [--json] FILE… | qingyang scan --jsonl < IN > OUT")
		return int(engine.Unread)
	}
	eng, err := newScanEngine()
	if err != nil {
		fmt.Fprintln(errOut, err)
		return int(engine.Unread)
	}
	if *lines {
		o, err := eng.Lines(ctx, in, out)
		if err != nil {
			fmt.Fprintln(errOut, err)
		}
		return int(o)
	}
	s := fileScan{eng: eng, out: out, errOut: errOut, json: *asJSON}
	return int(s.files(ctx, fs.Args()))
}

// newScanEngine returns the engine of the command line: built-in libraries and every detector.
func newScanEngine() (*engine.Engine, error) {
	rules, err := library.Compile(time.Now())
	if err != nil {
		return nil, fmt.Errorf("load libraries: %w", err)
	}
	return engine.New(rules, pii.New(time.Now), detect.Markings(), detect.Links(), detect.Hidden(), detect.Posture(),
		detect.Substitution()), nil
}

// fileScan checks files one after the other.
type fileScan struct {
	eng         *engine.Engine
	out, errOut io.Writer
	json        bool
}

// scanned is the outcome of one file, for machines.
type scanned struct {
	File       string              `json:"file"`
	Library    string              `json:"library"`
	Findings   []review.Finding    `json:"findings"`
	Suppressed []review.Suppressed `json:"suppressed"`
	Error      string              `json:"error,omitempty"`
}

// files returns the worst outcome. What cannot be read is said and never counted clean.
func (s fileScan) files(ctx context.Context, names []string) engine.Outcome {
	worst := engine.Clean
	for _, name := range names {
		res := scanned{File: name, Findings: []review.Finding{}, Suppressed: []review.Suppressed{}}
		rep, err := s.eng.Scan(ctx, review.Document{Files: []review.Upload{upload(name)}})
		if err != nil {
			worst, res.Error = engine.Unread, err.Error()
			fmt.Fprintln(s.errOut, err)
		} else {
			worst = max(worst, engine.Judge(rep))
			res.Library = rep.Library
			res.Findings, res.Suppressed = append(res.Findings, rep.Findings...), append(res.Suppressed, rep.Suppressed...)
		}
		if err := s.print(res); err != nil {
			fmt.Fprintln(s.errOut, err)
			return engine.Unread
		}
	}
	return worst
}

// upload is a file of this machine.
func upload(name string) review.Upload {
	return review.Upload{
		Name: filepath.Base(name),
		Open: func(context.Context) (io.ReadCloser, error) { return os.Open(name) },
	}
}

func (s fileScan) print(r scanned) error {
	if s.json {
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	if r.Error != "" {
		_, err := fmt.Fprintf(s.out, "%s：未能检查 (not scanned)\n", printable(r.File))
		return err
	}
	fmt.Fprintf(s.out, "%s：%d 处 (findings)\n", printable(r.File), len(r.Findings))
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s/%s\t%s\t%d-%d\t%q\t%s\n", f.Level, f.Kind, f.Type, printable(f.Part), f.Start, f.End, f.Text, f.Why)
	}
	return w.Flush()
}

// printable takes out what could steer a terminal: names come out of files.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
