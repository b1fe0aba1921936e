package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"qingyang/review"
	"qingyang/review/term"
)

// sheet gathers the findings of one scan.
type sheet struct {
	ctx        context.Context
	rules      *term.Ruleset
	detectors  []review.Detector
	order      map[string]int  // parts by their first appearance
	dark       map[string]bool // parts in which a black link was found
	findings   []review.Finding
	suppressed []review.Suppressed
}

// enter gives a part its place in the order.
func (s *sheet) enter(part string) {
	if _, known := s.order[part]; !known {
		s.order[part] = len(s.order)
	}
}

// segment runs every detector over one segment. src is the source that the offsets lead to, nil for files.
func (s *sheet) segment(seg review.Segment, src *runes) error {
	if seg.Offsets != nil && len(seg.Offsets) != utf8.RuneCountInString(seg.Text)+1 {
		return fmt.Errorf("segment of %s: %d offsets for its text", seg.Part, len(seg.Offsets))
	}
	s.enter(seg.Part)
	words, dropped, err := s.rules.Detect(s.ctx, seg)
	if err != nil {
		return fmt.Errorf("terms: %w", err)
	}
	found := words
	for _, d := range s.detectors {
		f, x, err := d.Detect(s.ctx, seg)
		if err != nil {
			return fmt.Errorf("detector %T: %w", d, err)
		}
		if len(found) == 0 {
			found = f
		} else {
			found = append(found, f...)
		}
		dropped = append(dropped, x...)
	}
	if seg.Where == "hidden" || seg.Where == "comment" {
		found = s.blackLinks(seg, found)
	}
	for i := range found {
		place(&found[i], seg, src)
	}
	for i := range dropped {
		place(&dropped[i].Finding, seg, src)
	}
	if len(s.findings) == 0 {
		s.findings = found
	} else {
		s.findings = append(s.findings, found...)
	}
	s.suppressed = append(s.suppressed, dropped...)
	return nil
}

// blackLinks adds a finding 暗链 for every term and bad link in a place that people do not see, and raises it. A term by
// likeness or one that is only a hint is no proof of one.
func (s *sheet) blackLinks(seg review.Segment, found []review.Finding) []review.Finding {
	for i := range found {
		f := &found[i]
		if f.Kind != review.Term && f.Kind != review.Link || f.Match == review.Fuzzy || f.Level == review.Hint {
			continue
		}
		s.dark[seg.Part] = true
		f.Level = review.Block
		dark := *f
		dark.Kind, dark.Type, dark.Rule, dark.Library = review.Hidden, "black_link", "hidden.black_link", "engine/1"
		dark.Why = "看不见的地方藏有“" + f.Text + "”，疑为暗链"
		dark.Suggest = "删除，并检查网站是否被入侵"
		found = append(found, dark)
	}
	return found
}

// raiseHidden makes everything else that hides in a part with a black link block too.
func (s *sheet) raiseHidden() {
	for i := range s.findings {
		if f := &s.findings[i]; f.Kind == review.Hidden && s.dark[f.Part] {
			f.Level = review.Block
		}
	}
}

// place leads a finding back to the source.
func place(f *review.Finding, seg review.Segment, src *runes) {
	if f.Part == "" {
		f.Part = seg.Part
	}
	if seg.Offsets == nil {
		return
	}
	f.Start, f.End = int(seg.Offsets[f.Start]), int(seg.Offsets[f.End])
	if src != nil {
		f.Text = src.slice(f.Start, f.End)
	}
}

// runes cuts a text by rune offsets.
type runes struct {
	text string
	at   []int32 // byte of every 64th rune, made at first use
}

func (r *runes) slice(start, end int) string {
	if r.at == nil {
		n := 0
		for i := range r.text {
			if n&63 == 0 {
				r.at = append(r.at, int32(i)) //nolint:gosec // texts are limited to 200 MiB
			}
			n++
		}
	}
	return r.text[r.byteOf(start):r.byteOf(end)]
}

// byteOf returns the byte where rune n begins; the end of the text for the one behind the last.
func (r *runes) byteOf(n int) int {
	if n>>6 >= len(r.at) {
		return len(r.text)
	}
	i := int(r.at[n>>6])
	for k := n & 63; k > 0 && i < len(r.text); k-- {
		_, w := utf8.DecodeRuneInString(r.text[i:])
		i += w
	}
	return i
}

// report sorts what was found by part and place and drops what was found twice.
func (s *sheet) report(digest string) review.Report {
	s.raiseHidden()
	slices.SortStableFunc(s.findings, s.byPlace)
	slices.SortStableFunc(s.suppressed, func(a, b review.Suppressed) int { return s.byPlace(a.Finding, b.Finding) })
	return review.Report{
		Digest: digest, Library: name(s.rules), Findings: slices.CompactFunc(s.findings, same),
		Suppressed: slices.CompactFunc(s.suppressed, func(a, b review.Suppressed) bool { return same(a.Finding, b.Finding) }),
	}
}

func (s *sheet) byPlace(a, b review.Finding) int {
	return cmp.Or(s.order[a.Part]-s.order[b.Part], a.Start-b.Start, a.End-b.End, cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Term, b.Term))
}

// same reports whether two findings say the same of the same words.
func same(a, b review.Finding) bool {
	return a.Part == b.Part && a.Start == b.Start && a.End == b.End && a.Kind == b.Kind && a.Type == b.Type &&
		a.Rule == b.Rule && a.Term == b.Term
}
