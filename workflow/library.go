package workflow

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"qingyang/review"
)

// Limits of the house's library.
const (
	MaxTerm  = 64        // characters of a term or an allow phrase
	MaxTerms = 1_000_000 // terms of the house
)

// Term is one entry of the house's library. Fuzzy names the ways of likeness in which it is looked for too: pinyin, initials,
// homophone, split. From and Until bound when it is in force; zero for no bound.
type Term struct {
	Text       string       `json:"text"`
	Category   string       `json:"category,omitempty"`
	Level      review.Level `json:"level,omitempty"`
	AutoReturn bool         `json:"auto_return,omitempty"`
	Basis      string       `json:"basis,omitempty"`
	Why        string       `json:"why,omitempty"`
	Suggest    string       `json:"suggest,omitempty"`
	Fuzzy      []string     `json:"fuzzy,omitempty"`
	Confirmed  bool         `json:"confirmed,omitempty"` // a term of one character needs it
	From       time.Time    `json:"from,omitzero"`
	Until      time.Time    `json:"until,omitzero"`
}

// Fuzzies are the ways of likeness; Levels what a term may ask for.
var (
	Fuzzies = []string{"pinyin", "initials", "homophone", "split"}
	Levels  = []review.Level{review.Block, review.Ask, review.Hint}
)

// LibraryOp is what a change does to the library.
type LibraryOp string

// The changes. An allow phrase cancels the hits inside it; a term of a built-in library can be switched off, not removed.
const (
	AddTerm    LibraryOp = "add"
	ChangeTerm LibraryOp = "change"
	RemoveTerm LibraryOp = "remove"
	Allow      LibraryOp = "allow"
	Disallow   LibraryOp = "disallow"
	SwitchOff  LibraryOp = "switch_off"
	SwitchOn   LibraryOp = "switch_on"
)

// LibraryOps are all changes.
var LibraryOps = []LibraryOp{AddTerm, ChangeTerm, RemoveTerm, Allow, Disallow, SwitchOff, SwitchOn}

// LibraryChange is one change. Of a phrase or a built-in term only Term.Text counts. Was is the term as its proposer saw it,
// nil where there was none.
type LibraryChange struct {
	Op   LibraryOp `json:"op"`
	Term Term      `json:"term"`
	Was  *Term     `json:"was,omitempty"`
}

// finds reports whether c may make the check find something that it did not find before.
func (c LibraryChange) finds() bool {
	return c.Op == AddTerm || c.Op == ChangeTerm || c.Op == SwitchOn || c.Op == Disallow
}

// Proposal asks for changes of the library. Item and Finding name the verdict that it came from; 0 and empty if a person wrote
// it. Count is how many changes there are, Head the first of them; lists have no Changes.
type Proposal struct {
	Petition
	Base    int64           `json:"base"` // version of the library that the proposer saw
	Item    ItemID          `json:"item,omitempty"`
	Finding string          `json:"finding,omitempty"`
	Count   int             `json:"count"`
	Head    []LibraryChange `json:"head"`
	Changes []LibraryChange `json:"-"`
	Version int64           `json:"version,omitempty"` // the version that it made; 0 for none
}

// headOf is how many changes a list shows.
const headOf = 5

// withChanges returns p with its changes and what lists show of them.
func (p Proposal) withChanges(cs []LibraryChange) Proposal {
	p.Changes, p.Count, p.Head = cs, len(cs), cs[:min(len(cs), headOf)]
	return p
}

// digest is the SHA-256 of what is proposed, which proposer and decider sign.
func (p Proposal) digest() string { return changesHash("", p.Changes) }

// changesHash is the SHA-256 of the version before and the changes: a version's hash covers all its history.
func changesHash(before string, cs []LibraryChange) string {
	b, err := json.Marshal(cs)
	if err != nil {
		panic(err) // strings and times only
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", before, b))
	return hex.EncodeToString(h[:])
}

// LibraryVersion is one immutable version: what changed against the version before, who proposed and who approved it.
// SHA256 covers the version before and the changes.
type LibraryVersion struct {
	Version  int64           `json:"version"`
	SHA256   string          `json:"sha256"`
	At       time.Time       `json:"at"`
	Proposal int64           `json:"proposal"`
	ByName   string          `json:"by_name"`
	Approver string          `json:"approver"`
	Reason   string          `json:"reason"`
	Terms    int             `json:"terms"` // terms of the house in this version
	Count    int             `json:"count"` // of changes
	Changes  []LibraryChange `json:"-"`
}

// Library is the house's own library in one version. It is immutable. Version 0 is empty.
type Library struct {
	Version int64
	SHA256  string
	At      time.Time
	terms   map[string]Term   // by text
	allow   map[string]bool   //
	off     map[string]bool   // texts of built-in terms
	alike   map[string]string // term by its folded text
}

// Len returns how many terms there are.
func (l *Library) Len() int { return len(l.terms) }

// Term returns the house's term of that text.
func (l *Library) Term(text string) (Term, bool) {
	t, ok := l.terms[text]
	return t, ok
}

// Terms returns the terms in the order of their texts.
func (l *Library) Terms() []Term {
	return slices.SortedFunc(maps.Values(l.terms), func(a, b Term) int { return cmp.Compare(a.Text, b.Text) })
}

// Allows returns the allow phrases in order.
func (l *Library) Allows() []string { return slices.Sorted(maps.Keys(l.allow)) }

// Off returns the built-in terms that are switched off, in order.
func (l *Library) Off() []string { return slices.Sorted(maps.Keys(l.off)) }

// after returns the library after vs, which follow it in order.
func (l *Library) after(vs []LibraryVersion, fold func(string) string) *Library {
	out := &Library{
		Version: l.Version, SHA256: l.SHA256, At: l.At, terms: copied(l.terms), allow: copied(l.allow), off: copied(l.off),
		alike: copied(l.alike),
	}
	for _, v := range vs {
		for _, c := range v.Changes {
			out.change(c, fold)
		}
		out.Version, out.SHA256, out.At = v.Version, v.SHA256, v.At
	}
	return out
}

func copied[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

func (l *Library) change(c LibraryChange, fold func(string) string) {
	text := c.Term.Text
	switch c.Op {
	case AddTerm, ChangeTerm:
		l.terms[text], l.alike[fold(text)] = c.Term, text
	case RemoveTerm:
		delete(l.terms, text)
		delete(l.alike, fold(text))
	case Allow:
		l.allow[text] = true
	case Disallow:
		delete(l.allow, text)
	case SwitchOff:
		l.off[text] = true
	case SwitchOn:
		delete(l.off, text)
	}
}

// BuiltIn is one entry of a built-in library: a term, or an allow phrase where Allow is true.
type BuiltIn struct {
	Library, Version string
	Term             Term
	Allow            bool
}

// Retro is how far a retro-scan has come. Name is that of its job.
type Retro struct {
	Name     string    `json:"name"`
	Version  int64     `json:"version"` // of the house's library
	Full     bool      `json:"full"`    // every public item, not only those that may hold what changed
	Started  time.Time `json:"started"`
	At       time.Time `json:"at"`
	After    ItemID    `json:"after"` // public items up to this one are done
	Total    int       `json:"total"`
	Done     int       `json:"done"`
	Hits     int       `json:"hits"` // items flagged
	Finished bool      `json:"finished"`
}

// TermHits counts the places that a term was found in, and what was said of them.
type TermHits struct {
	Library, Term string
	Found         int
	Items         int
	Accepted      int // said to need no change
	Changed       int // had to be changed
}
