package workflow

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// shelf is what changes of the library are judged against: the house's library as it is and the built-in ones.
type shelf struct {
	house *Library
	fold  func(string) string
	built map[string]BuiltIn // terms by folded text
	allow map[string]string  // allow phrases: library by folded text
	most  int                // terms that the house may have
}

func newShelf(house *Library, x Lexicon) *shelf {
	s := &shelf{house: house, fold: x.Fold, built: map[string]BuiltIn{}, allow: map[string]string{}, most: MaxTerms}
	for _, b := range x.BuiltIn() {
		if b.Allow {
			s.allow[x.Fold(b.Term.Text)] = b.Library
		} else {
			s.built[x.Fold(b.Term.Text)] = b
		}
	}
	for a := range house.allow {
		s.allow[x.Fold(a)] = HouseLibrary
	}
	return s
}

// faultsShown bounds the reasons of one refusal: of a long import the first ones are enough to go on with.
const faultsShown = 100

// judge returns everything that forbids cs, at most faultsShown reasons. The field names the change: changes[0].
func (s *shelf) judge(cs []LibraryChange) []Reason {
	if len(cs) == 0 {
		return []Reason{{Code: "changes_missing", Field: "changes"}}
	}
	var rs []Reason
	seen := map[string]int{}
	added := s.house.Len()
	for i, c := range cs {
		field := "changes[" + strconv.Itoa(i) + "]"
		f := &faults{}
		s.one(f, c, field)
		folded := string(c.Op) + s.fold(c.Term.Text)
		if c.Op == ChangeTerm {
			folded = string(AddTerm) + s.fold(c.Term.Text)
		}
		if first, twice := seen[folded]; twice {
			f.add("term_twice", field, c.Term.Text, strconv.Itoa(first+1))
		} else {
			seen[folded] = i
		}
		switch c.Op {
		case AddTerm:
			added++
		case RemoveTerm:
			added--
		case ChangeTerm, Allow, Disallow, SwitchOff, SwitchOn:
		}
		if rs = append(rs, f.rs...); len(rs) >= faultsShown {
			return rs[:faultsShown]
		}
	}
	return append(rs, append(why(added <= s.most, "terms_too_many", strconv.Itoa(s.most)), within(cs, s.fold)...)...)
}

// within finds a term and an allow phrase of the same text in one proposal: the one would undo the other.
func within(cs []LibraryChange, fold func(string) string) []Reason {
	allowed := map[string]bool{}
	for _, c := range cs {
		if c.Op == Allow {
			allowed[fold(c.Term.Text)] = true
		}
	}
	var rs []Reason
	for i, c := range cs {
		if (c.Op == AddTerm || c.Op == ChangeTerm) && allowed[fold(c.Term.Text)] {
			rs = append(rs, Reason{Code: "term_allowed", Field: "changes[" + strconv.Itoa(i) + "]", Args: []string{c.Term.Text, ""}})
		}
	}
	return rs
}

// one judges one change.
func (s *shelf) one(f *faults, c LibraryChange, field string) {
	if !s.legible(f, c, field) {
		return
	}
	text := c.Term.Text
	switch c.Op {
	case AddTerm:
		s.attributes(f, c.Term, field)
		s.duplicate(f, text, field)
		s.cancelled(f, text, field)
	case ChangeTerm:
		s.attributes(f, c.Term, field)
		s.present(f, c, field)
	case RemoveTerm:
		s.present(f, c, field)
	case Allow, Disallow:
		s.phrase(f, c, field)
	case SwitchOff, SwitchOn:
		s.switched(f, c, field)
	}
}

// legible judges the text alone; false if there is nothing more to say of the change.
func (s *shelf) legible(f *faults, c LibraryChange, field string) bool {
	text := c.Term.Text
	n := utf8.RuneCountInString(text)
	switch {
	case !slices.Contains(LibraryOps, c.Op):
		f.add("unknown_value", field+".op", "add, change, remove, allow, disallow, switch_off, switch_on")
		return false
	case n == 0 || strings.TrimSpace(text) == "" || s.fold(text) == "" && c.Op == AddTerm:
		f.add("term_empty", field)
		return false
	case n > MaxTerm:
		f.add("term_too_long", field, short(text), strconv.Itoa(MaxTerm))
	case !utf8.ValidString(text) || !clean(text) || strings.TrimSpace(text) != text:
		f.add("term_unfit", field, short(text))
	}
	return true
}

// short cuts a text for a message.
func short(text string) string {
	rs := []rune(strings.ToValidUTF8(text, "�"))
	if len(rs) > 20 {
		return string(rs[:20]) + "…"
	}
	return string(rs)
}

func (s *shelf) attributes(f *faults, t Term, field string) {
	if utf8.RuneCountInString(t.Text) == 1 && !t.Confirmed {
		f.add("term_one_rune", field, t.Text)
	}
	if !slices.Contains(Levels, t.Level) {
		f.add("unknown_value", field+".level", "block, ask, hint")
	}
	if t.Category == "" || !clean(t.Category) || utf8.RuneCountInString(t.Category) > 40 {
		f.add("term_category", field, short(t.Text))
	}
	for _, w := range t.Fuzzy {
		f.oneOf(field+".fuzzy", w, Fuzzies...)
	}
	for _, long := range []string{t.Basis, t.Why, t.Suggest} {
		f.atMost(field, long, MaxSummary)
	}
	if !t.From.IsZero() && !t.Until.IsZero() && !t.Until.After(t.From) {
		f.add("until_before_from", field+".until", t.Text)
	}
}

// duplicate names the term that the matcher could not tell from text.
func (s *shelf) duplicate(f *faults, text, field string) {
	folded := s.fold(text)
	if b, ok := s.built[folded]; ok && !s.house.off[b.Term.Text] {
		f.add("term_duplicate", field, text, b.Term.Text, b.Library)
	}
	if own, ok := s.house.alike[folded]; ok {
		f.add("term_duplicate", field, text, own, HouseLibrary)
	}
}

// cancelled names an allow phrase that would cancel every hit of text.
func (s *shelf) cancelled(f *faults, text, field string) {
	if lib, ok := s.allow[s.fold(text)]; ok {
		f.add("term_allowed", field, text, lib)
	}
}

// present asks that the term is there as its proposer saw it.
func (s *shelf) present(f *faults, c LibraryChange, field string) {
	now, ok := s.house.Term(c.Term.Text)
	switch {
	case !ok:
		f.add("term_missing", field, short(c.Term.Text))
	case c.Was == nil || !now.same(*c.Was):
		f.add("library_stale", field, short(c.Term.Text))
	}
}

// same reports whether two terms are equal; nil and empty lists are.
func (t Term) same(o Term) bool {
	return slices.Equal(t.Fuzzy, o.Fuzzy) && t.From.Equal(o.From) && t.Until.Equal(o.Until) && t.flat() == o.flat()
}

// flatTerm is a term without what == can't compare.
type flatTerm struct {
	text, category, level, basis, why, suggest string
	returns, confirmed                         bool
}

func (t Term) flat() flatTerm {
	return flatTerm{t.Text, t.Category, string(t.Level), t.Basis, t.Why, t.Suggest, t.AutoReturn, t.Confirmed}
}

func (s *shelf) phrase(f *faults, c LibraryChange, field string) {
	text := c.Term.Text
	if c.Op == Disallow {
		if !s.house.allow[text] {
			f.add("phrase_missing", field, short(text))
		}
		return
	}
	folded := s.fold(text)
	if s.allow[folded] != "" {
		f.add("phrase_duplicate", field, short(text), s.allow[folded])
	}
	if b, ok := s.built[folded]; ok && !s.house.off[b.Term.Text] {
		f.add("phrase_is_term", field, text, b.Library)
	}
	if _, ok := s.house.alike[folded]; ok {
		f.add("phrase_is_term", field, text, HouseLibrary)
	}
}

func (s *shelf) switched(f *faults, c LibraryChange, field string) {
	b, ok := s.built[s.fold(c.Term.Text)]
	switch {
	case !ok || b.Term.Text != c.Term.Text:
		f.add("built_in_missing", field, short(c.Term.Text))
	case s.house.off[c.Term.Text] == (c.Op == SwitchOff):
		f.add("library_stale", field, short(c.Term.Text))
	case c.Op == SwitchOn:
		if own, ok := s.house.alike[s.fold(c.Term.Text)]; ok {
			f.add("term_duplicate", field, c.Term.Text, own, HouseLibrary)
		}
	}
}

// HouseLibrary is the name of the house's own library in findings and refusals.
const HouseLibrary = "house"

// untouched keeps who changed the library out of the review of what the change is about (invariant 4).
func untouched(in input) []Reason {
	return why(len(in.m.touched) == 0, "library_touched", strings.Join(in.m.touched[:min(len(in.m.touched), 3)], "、"))
}

// counts reports whether p is a change by which its maker could have eased the review of item, submitted at since. What a
// verdict proposed counts only once it is in force, and never for the item it was given on: that verdict is on the item's
// own record.
func (p Proposal) counts(item ItemID, since time.Time) bool {
	switch {
	case p.State == Declined || !p.At.After(since) && !p.DecidedAt.After(since):
		return false
	case p.Item != 0:
		return p.State == Adopted && p.Item != item
	}
	return true
}

// words returns the texts that p changes.
func (p Proposal) words() []string {
	out := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		out[i] = c.Term.Text
	}
	return out
}

// near names terms that hold one of texts or are held by one: the more general of the two makes the other idle.
func (s *shelf) near(texts []string) []string {
	var folded, out []string
	for _, t := range texts {
		folded = append(folded, s.fold(t))
	}
	look := func(other, o string) {
		kin := func(f string) bool { return o != f && (strings.Contains(o, f) || strings.Contains(f, o)) }
		if o != "" && slices.ContainsFunc(folded, kin) {
			out = append(out, other)
		}
	}
	for o, b := range s.built {
		if !s.house.off[b.Term.Text] {
			look(b.Term.Text, o)
		}
	}
	for o, own := range s.house.alike {
		look(own, o)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), previewNear)]
}
