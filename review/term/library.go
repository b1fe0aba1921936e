// Package term looks for the words of a library in text, as they stand and as people disguise them, and says why each hit
// counts or does not.
package term

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"qingyang/review"
)

// Limits of a library.
const (
	MaxRunes = 64        // runes in a term
	MaxTerms = 1_000_000 // terms in a ruleset
)

// ErrTooMany says that a ruleset would hold more than MaxTerms terms.
var ErrTooMany = errors.New("词条超过一百万条 (too many terms)")

// Fuzzy is the set of ways in which a term is also looked for by likeness.
type Fuzzy uint8

// The ways of likeness. Pinyin and Homophone need two Chinese characters, Initials three.
const (
	Pinyin    Fuzzy = 1 << iota // dubo
	Initials                    // lhc
	Homophone                   // 堵搏
	Split                       // 贝者博
	AnyFuzzy  = Pinyin | Initials | Homophone | Split
)

// Term is one entry of a library.
type Term struct {
	Text     string
	Category string // gambling, loan …: the type of its findings
	Level    review.Level
	// AutoReturn sends an item straight back to its author.
	AutoReturn bool
	Basis      string // the article it rests on
	Why        string // for people; empty: made from the category
	Suggest    string
	Rule       string // stable id; empty: "term." and the category
	Fuzzy      Fuzzy
	FuzzyLevel review.Level // of hits by likeness; empty: hint
	Confirmed  bool         // a term of one rune needs it
	From       time.Time    // in force from here, zero: always
	Until      time.Time    // and before here, zero: for ever
}

// Library is a list of terms with a version.
type Library struct {
	Name    string
	Version string
	Terms   []Term
	Allow   []string // phrases that cancel the hits inside them
	Cover   []string // common words: a hit across the joint of two of them does not count
}

// RefusedError is a term that a library must not hold.
type RefusedError struct {
	Library string
	Index   int // place in Terms, or in Allow
	Text    string
	Reason  string
}

// Error names the library, the place and the reason.
func (b *RefusedError) Error() string {
	return fmt.Sprintf("词库 %s 第 %d 条“%s”：%s", b.Library, b.Index+1, b.Text, b.Reason)
}

// check returns why the term cannot be taken, or "".
func (t Term) check() string {
	n := utf8.RuneCountInString(t.Text)
	switch {
	case !utf8.ValidString(t.Text):
		return "不是有效的 UTF-8 (invalid UTF-8)"
	case n == 0:
		return "词条为空 (empty)"
	case n > MaxRunes:
		return "词条超过 64 个字 (longer than 64 runes)"
	case n == 1 && !t.Confirmed:
		return "单字词条须经确认 (one rune, not confirmed)"
	}
	switch t.Level {
	case review.Block, review.Ask, review.Hint:
		return ""
	default:
		return "级别须为 block、ask 或 hint (level)"
	}
}

// valid reports whether the term is in force at a time.
func (t Term) valid(at time.Time) bool {
	return !at.Before(t.From) && (t.Until.IsZero() || at.Before(t.Until))
}
