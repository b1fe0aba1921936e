package seeds_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/seeds"
	"qingyang/seeds/library"
	"qingyang/workflow"
)

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }
	rules, err := library.Compile(now())
	if err != nil {
		t.Fatal(err)
	}
	return engine.New(rules, pii.New(now), detect.Markings(), detect.Links(), detect.Hidden(), detect.Posture(), detect.Substitution())
}

func scanned(t *testing.T, e *engine.Engine, s seeds.Sample) []review.Finding {
	t.Helper()
	d := review.Document{Digest: s.ID, Parts: []review.Part{
		{Name: "title", Text: s.Title}, {Name: "summary", Text: s.Summary}, {Name: "body", Format: "html", Text: s.Body},
	}}
	for _, c := range s.Channels {
		d.Parts = append(d.Parts, review.Part{Name: "channel:" + c.ID, Text: c.Text})
	}
	made, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range made {
		d.Files = append(d.Files, review.Upload{Name: f.Name, Size: int64(len(f.Bytes)), Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(f.Bytes)), nil
		}})
	}
	r, err := e.Scan(t.Context(), d)
	if err != nil {
		t.Fatalf("%s: %v", s.ID, err)
	}
	return r.Findings
}

// The check must send each sample where its story goes: faults back or sealed, near misses and plain items on.
func TestCheckSendsSamplesWhereTheirStoriesGo(t *testing.T) {
	all, err := seeds.Samples()
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	for _, s := range all {
		found := scanned(t, e, s)
		checked := s.Via == workflow.Scanning
		if back := slices.ContainsFunc(found, func(f review.Finding) bool { return f.AutoReturn }); back != (checked && s.Goal == workflow.Returned) {
			t.Errorf("%s: returned by the check: %v; %+v", s.ID, back, found)
		}
		if sealed := slices.ContainsFunc(found, func(f review.Finding) bool { return f.Seal }); sealed != (checked && s.Goal == workflow.Sealed) {
			t.Errorf("%s: sealed: %v; %+v", s.ID, sealed, found)
		}
		passes := slices.ContainsFunc(s.Story(), func(x seeds.Step) bool { return x.Event == workflow.SecrecyPass })
		for _, f := range found {
			if passes && s.Accept == "" && f.Level != review.Hint {
				t.Errorf("%s passes with an open finding: %+v", s.ID, f)
			}
		}
	}
}

// What the faults are made of is found at its place.
func TestCheckFindsTheFaults(t *testing.T) {
	all, err := seeds.Samples()
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	type hit struct {
		kind  review.Kind
		level review.Level
		part  string
		text  string
	}
	for id, want := range map[string]hit{
		"fault-identity":      {review.PII, review.Block, "公益性岗位拟聘用人员名单.xlsx › 报名底表!C2", "441899198503120210"},
		"fault-mobile":        {review.PII, review.Block, "body", "13800002617"},
		"fault-gambling":      {review.Term, review.Block, "body", "57365"},
		"fault-marking":       {review.Marking, review.Block, "岁末年初服务保障工作安排.docx › header", "机密★10年"},
		"rejected-internal":   {review.Marking, review.Block, "body", "内部资料 注意保存"},
		"maintenance-posture": {review.Posture, review.Ask, "body", "DMZ区与内网服务区"},
	} {
		i := slices.IndexFunc(all, func(s seeds.Sample) bool { return s.ID == id })
		found := scanned(t, e, all[i])
		if !slices.ContainsFunc(found, func(f review.Finding) bool { return hit{f.Kind, f.Level, f.Part, f.Text} == want }) {
			t.Errorf("%s: %+v not among %+v", id, want, found)
		}
	}
}
