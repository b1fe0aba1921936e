// Package review finds what must not be shown: terms, personal data, secrecy markings, hidden content, links. It does no
// I/O and imports nothing of this module, so that workflow may import it and outsiders may run it alone.
package review

import (
	"context"
	"io"
)

// Level says what a finding asks of the reviewer.
type Level string

// The levels, heaviest first: 必须处置, 须作说明, 提示.
const (
	Block Level = "block"
	Ask   Level = "ask"
	Hint  Level = "hint"
)

// Kind is the family of a finding.
type Kind string

// The kinds of findings.
const (
	Term    Kind = "term"
	PII     Kind = "pii"
	Marking Kind = "marking"
	Link    Kind = "link"
	Hidden  Kind = "hidden"
	Posture Kind = "posture"
	File    Kind = "file"  // a file that cannot be read, is encrypted, or whose type lies
	Clock   Kind = "clock" // a date on which people are to look again
)

// Match says how the words were found: as written, after folding, or by likeness.
type Match string

// The ways of matching.
const (
	Exact  Match = "exact"
	Folded Match = "folded"
	Fuzzy  Match = "fuzzy"
)

// Finding is one place that needs a person. Start and End are rune offsets in the original text of Part, End exclusive;
// for html the original is the raw source.
type Finding struct {
	Kind       Kind   `json:"kind"`
	Type       string `json:"type"`           // finer than Kind: id_card, mobile, star, gambling …
	Term       string `json:"term,omitempty"` // as it stands in the library
	Level      Level  `json:"level"`
	Part       string `json:"part,omitempty"` // title, body, channel:led, file name › sheet!cell …; empty in --jsonl
	Start      int    `json:"start"`
	End        int    `json:"end"`
	Text       string `json:"text"` // the original words
	Match      Match  `json:"match"`
	Rule       string `json:"rule"`    // stable id of the rule, part of the finding's identity
	Library    string `json:"library"` // name and version of the library that has the rule
	Why        string `json:"why"`     // for people, Chinese
	Suggest    string `json:"suggest"`
	LevelName  string `json:"level_name,omitempty"` // markings: 绝密, 机密, 秘密 …
	Period     string `json:"period,omitempty"`     // markings: 10年, 长期 …
	AutoReturn bool   `json:"auto_return,omitempty"`
	Seal       bool   `json:"seal,omitempty"` // a real secrecy marking: the item is sealed
}

// Suppressed is a hit that does not count, with its cause (allow, boundary, cover, masked …).
type Suppressed struct {
	Finding
	Cause string `json:"cause"`
}

// Part is one text of a document: its title, its body, a channel's own text.
type Part struct {
	Name   string
	Format string // "text" (also when empty) or "html"
	Text   string
}

// Upload is one attached file. Open may be called more than once; its reader fails unless the bytes are the stored ones.
type Upload struct {
	Name   string
	SHA256 string
	Size   int64
	Open   func(ctx context.Context) (io.ReadCloser, error)
}

// Document is what is scanned. Digest ties the report to what was scanned.
type Document struct {
	Digest string
	Parts  []Part
	Files  []Upload
}

// Segment is text to match, taken out of a part or a file, with the way back. Rune i of Text is rune Offsets[i] of the
// source and Offsets has one more entry for the end; nil means that Text is the source itself.
type Segment struct {
	Part    string
	Where   string // "" visible; "attr", "comment", "hidden", "link", "property" … otherwise
	Text    string
	Offsets []int32
}

// Detector looks for one family of things in a segment. It may be called from several goroutines at once. Start and End
// of what it returns count runes of s.Text, and Part is left empty: the engine leads both back to the source.
type Detector interface {
	Detect(ctx context.Context, s Segment) ([]Finding, []Suppressed, error)
}

// Report is the outcome of one scan. Its zero value is not a clean report: Digest is empty.
type Report struct {
	Digest     string       `json:"digest"`
	Library    string       `json:"library"` // versions and SHA-256 of the rules used
	Findings   []Finding    `json:"findings"`
	Suppressed []Suppressed `json:"suppressed"`
}
