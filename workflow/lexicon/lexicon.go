// Package lexicon puts the house's library, beside the built-in ones, into the engine that checks, and answers what its keepers
// ask of the matcher. It implements workflow.Lexicon.
package lexicon

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"qingyang/review/engine"
	"qingyang/review/term"
	"qingyang/review/term/fold"
	"qingyang/workflow"
)

// Lexicon is safe for concurrent use. New makes one.
type Lexicon struct {
	engine *engine.Engine
	libs   []term.Library
	now    func() time.Time
	built  []workflow.BuiltIn
	kept   map[string]term.Term // built-in terms by text

	mu      sync.Mutex
	version int64     // in force
	unsaved bool      // Apply left work to do, or nothing was ever installed
	next    time.Time // when the next term comes into force or ceases to be; zero for never
	own     map[string]bool
	active  []term.Library // as of the last Install

	probeMu sync.Mutex
	probe   probe
}

// New returns a Lexicon that puts its libraries into e. Nothing of the house is in force before Install.
func New(e *engine.Engine, libs []term.Library, now func() time.Time) *Lexicon {
	x := &Lexicon{engine: e, libs: libs, now: now, kept: map[string]term.Term{}, unsaved: true, active: libs}
	for _, l := range libs {
		for _, t := range l.Terms {
			x.kept[t.Text] = t
			x.built = append(x.built, workflow.BuiltIn{Library: l.Name, Version: l.Version, Term: entry(t)})
		}
		for _, a := range l.Allow {
			x.built = append(x.built, workflow.BuiltIn{Library: l.Name, Version: l.Version, Term: workflow.Term{Text: a}, Allow: true})
		}
	}
	return x
}

// Fold implements workflow.Lexicon.
func (x *Lexicon) Fold(s string) string {
	return strings.Map(func(r rune) rune { return max(fold.Rune(r), -1) }, s)
}

// BuiltIn implements workflow.Lexicon.
func (x *Lexicon) BuiltIn() []workflow.BuiltIn { return x.built }

var ways = map[string]term.Fuzzy{
	"pinyin": term.Pinyin, "initials": term.Initials, "homophone": term.Homophone, "split": term.Split,
}

// entry returns a built-in term as the house writes its own.
func entry(t term.Term) workflow.Term {
	out := workflow.Term{
		Text: t.Text, Category: t.Category, Level: t.Level, AutoReturn: t.AutoReturn, Basis: t.Basis, Why: t.Why, Suggest: t.Suggest,
		Confirmed: t.Confirmed, From: t.From, Until: t.Until,
	}
	for _, name := range workflow.Fuzzies {
		if t.Fuzzy&ways[name] != 0 {
			out.Fuzzy = append(out.Fuzzy, name)
		}
	}
	return out
}

// compiled returns a term of the house as the matcher takes it. Its rule names the category, as those of the built-in
// libraries do.
func compiled(t workflow.Term) term.Term {
	out := term.Term{
		Text: t.Text, Category: t.Category, Level: t.Level, AutoReturn: t.AutoReturn, Basis: t.Basis, Why: t.Why, Suggest: t.Suggest,
		Confirmed: t.Confirmed, From: t.From, Until: t.Until, Rule: "house." + t.Category,
	}
	for _, name := range t.Fuzzy {
		out.Fuzzy |= ways[name]
	}
	if utf8.RuneCountInString(t.Text) < 3 { // ordinary text is full of words that sound like two characters
		out.Fuzzy &^= term.Pinyin | term.Homophone
	}
	return out
}

func houseLibrary(version int64) term.Library {
	return term.Library{Name: workflow.HouseLibrary, Version: strconv.FormatInt(version, 10)}
}

// Install implements workflow.Lexicon.
func (x *Lexicon) Install(l *workflow.Library) error {
	x.mu.Lock()
	behind := l.Version < x.version
	x.mu.Unlock()
	if behind {
		return nil
	}
	now := x.now()
	libs := x.with(l)
	rules, err := term.Compile(now, libs...)
	if err != nil {
		return fmt.Errorf("compile the house's library: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if l.Version < x.version {
		return nil // a change came meanwhile: the next Install has it
	}
	x.engine.SetRules(rules)
	x.version, x.unsaved, x.active = l.Version, false, libs
	x.next, x.own = nextBound(l, now), map[string]bool{}
	for _, t := range l.Terms() {
		x.own[t.Text] = true
	}
	return nil
}

// Libraries returns the libraries in force: the built-in ones without what is switched off, and the house's own. A change is
// among them once it is compiled, within a second.
func (x *Lexicon) Libraries() []term.Library {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.active
}

// with returns the libraries as l has them.
func (x *Lexicon) with(l *workflow.Library) []term.Library {
	libs := slices.Clone(x.libs)
	if off := l.Off(); len(off) > 0 {
		for i := range libs {
			libs[i].Terms = slices.DeleteFunc(slices.Clone(libs[i].Terms), func(t term.Term) bool {
				_, dead := slices.BinarySearch(off, t.Text)
				return dead
			})
		}
	}
	if l.Version == 0 {
		return libs
	}
	house := houseLibrary(l.Version)
	house.Allow = l.Allows()
	for _, t := range l.Terms() {
		house.Terms = append(house.Terms, compiled(t))
	}
	return append(libs, house)
}

// nextBound returns when the next term comes into force or ceases to be; zero for never.
func nextBound(l *workflow.Library, now time.Time) (next time.Time) {
	for _, t := range l.Terms() {
		for _, at := range []time.Time{t.From, t.Until} {
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// Expired implements workflow.Lexicon.
func (x *Lexicon) Expired() bool {
	now := x.now()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.unsaved || !x.next.IsZero() && !now.Before(x.next)
}

// Apply implements workflow.Lexicon.
func (x *Lexicon) Apply(v workflow.LibraryVersion) (bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if v.Version <= x.version {
		return true, nil
	}
	if x.own == nil || v.Version != x.version+1 || slices.ContainsFunc(v.Changes, x.slow) {
		return false, nil
	}
	if err := x.engine.Change(func(r *term.Ruleset) (*term.Ruleset, error) { return x.changed(r, v) }); err != nil {
		return false, fmt.Errorf("change to version %d: %w", v.Version, err)
	}
	x.version, x.unsaved = v.Version, true
	return true, nil
}

// slow reports whether c needs everything compiled anew: to take an allow phrase back, to switch a term on again, or to take
// out a term of the house that stands in a built-in library too.
func (x *Lexicon) slow(c workflow.LibraryChange) bool {
	_, both := x.kept[c.Term.Text]
	switch c.Op {
	case workflow.Disallow, workflow.SwitchOn:
		return true
	case workflow.RemoveTerm, workflow.ChangeTerm:
		return both
	case workflow.SwitchOff:
		return x.own[c.Term.Text]
	case workflow.AddTerm, workflow.Allow:
	}
	return false
}

// changed returns r with v on top of it.
func (x *Lexicon) changed(r *term.Ruleset, v workflow.LibraryVersion) (*term.Ruleset, error) {
	house, now := houseLibrary(v.Version), x.now()
	for _, c := range v.Changes {
		if c.Op == workflow.RemoveTerm || c.Op == workflow.ChangeTerm || c.Op == workflow.SwitchOff {
			r = r.Without(c.Term.Text)
		}
		switch c.Op {
		case workflow.AddTerm, workflow.ChangeTerm:
			x.own[c.Term.Text] = true
			house.Terms = append(house.Terms, x.inForce(c.Term, now)...)
		case workflow.Allow:
			house.Allow = append(house.Allow, c.Term.Text)
		case workflow.RemoveTerm:
			delete(x.own, c.Term.Text)
		case workflow.Disallow, workflow.SwitchOff, workflow.SwitchOn:
		}
	}
	return r.With(house)
}

// inForce returns t without its bounds if it is in force now; when one of them comes everything is compiled anew.
func (x *Lexicon) inForce(t workflow.Term, now time.Time) []term.Term {
	for _, at := range []time.Time{t.From, t.Until} {
		if at.After(now) && (x.next.IsZero() || at.Before(x.next)) {
			x.next = at
		}
	}
	if now.Before(t.From) || !t.Until.IsZero() && !now.Before(t.Until) {
		return nil
	}
	t.From, t.Until = time.Time{}, time.Time{}
	return []term.Term{compiled(t)}
}
