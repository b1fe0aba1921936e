package term

import (
	"hash"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"qingyang/review"
	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// entry is what the terms of a group share; terms are many and groups few.
type entry struct {
	library                      string
	category, basis, why, advice string
	rule                         string
	level, fuzzyLevel            review.Level
	fuzzy                        Fuzzy
	autoReturn                   bool
}

// layer is an immutable compiled list of terms and allow phrases. Ids from len(group) on are allow phrases.
type layer struct {
	text    texts
	group   []uint32
	entries []entry
	words   *automaton.Matcher
	digits  *automaton.Matcher // terms with digits; nil when there are none
	digitID []uint32           // its ids lead to ours
	literal []uint32           // terms of signs (c++) or with a sentence end inside, looked for as they stand
	fuzzy   *likeness          // nil when no term wants it
}

// texts is many strings in one, a fraction of the size of as many.
type texts struct {
	all string
	end []uint32 // where each ends
}

func pack(list []string) texts {
	t := texts{all: strings.Join(list, ""), end: make([]uint32, len(list))}
	n := uint32(0)
	for i, s := range list {
		n += uint32(len(s))
		t.end[i] = n
	}
	return t
}

func (t texts) at(i uint32) string {
	if i == 0 {
		return t.all[:t.end[0]]
	}
	return t.all[t.end[i-1]:t.end[i]]
}

// drafted gathers what a layer is made of.
type drafted struct {
	layer
	text  []string
	known map[entry]uint32
	last  entry // of the term before: terms of a group come together
	at    uint32
	sum   hash.Hash // of all that is taken in; nil when it is not wanted
	buf   []byte
	allow []string
}

func (d *drafted) add(library string, t Term) {
	e := entry{
		library: library, category: t.Category, basis: t.Basis, why: t.Why, advice: t.Suggest, rule: t.Rule,
		level: t.Level, fuzzyLevel: t.FuzzyLevel, fuzzy: t.Fuzzy, autoReturn: t.AutoReturn,
	}
	if e.rule == "" {
		e.rule = "term." + t.Category
	}
	if e.fuzzyLevel == "" {
		e.fuzzyLevel = review.Hint
	}
	d.put(e, t.Text)
}

// put takes in a term of a group.
func (d *drafted) put(e entry, text string) {
	if e != d.last || d.known == nil {
		d.at, d.last = d.number(e), e
	}
	d.text = append(d.text, text)
	d.group = append(d.group, d.at)
	d.hash('t', text, strconv.Itoa(int(d.at)))
}

// number returns the number of a group.
func (d *drafted) number(e entry) uint32 {
	if d.known == nil {
		d.known = map[entry]uint32{}
	}
	g, ok := d.known[e]
	if !ok {
		g = uint32(len(d.entries))
		d.known[e] = g
		d.entries = append(d.entries, e)
		d.hash('g', e.library, e.category, e.basis, e.why, e.advice, e.rule, string(e.level), string(e.fuzzyLevel),
			strconv.Itoa(int(e.fuzzy)), strconv.FormatBool(e.autoReturn))
	}
	return g
}

// hash adds fields to the sum, each with its length before it.
func (d *drafted) hash(kind byte, fields ...string) {
	if d.sum == nil {
		return
	}
	d.buf = append(d.buf[:0], kind)
	for _, f := range fields {
		d.buf = append(strconv.AppendInt(d.buf, int64(len(f)), 10), ':')
		d.buf = append(d.buf, f...)
	}
	d.sum.Write(d.buf)
}

// again takes in what is in force of a layer.
func (d *drafted) again(r *Ruleset, i int) {
	l := r.layers[i]
	for id, g := range l.group {
		if _, dead := r.dead[place{i, uint32(id)}]; !dead {
			d.put(l.entries[g], l.text.at(uint32(id)))
		}
	}
	for id := len(l.group); id < len(l.text.end); id++ {
		d.allow = append(d.allow, l.text.at(uint32(id)))
	}
}

// build compiles what was drafted.
func (d *drafted) build() (*layer, error) {
	l := new(layer)
	*l = d.layer
	n := len(l.group)
	list := slices.Concat(d.text, d.allow)
	l.text = pack(list)
	m, left, err := automaton.Build(worded(list, n), fold.Words())
	if err != nil {
		return nil, err
	}
	l.words = m
	for _, id := range left {
		if id < n {
			l.literal = append(l.literal, uint32(id))
		}
	}
	if err := l.buildDigits(list[:n]); err != nil {
		return nil, err
	}
	l.fuzzy, err = newLikeness(l)
	return l, err
}

// worded returns texts with those of the first n emptied that have but one rune to compare beside their signs: c++ is not
// to be found in every c.
func worded(texts []string, n int) []string {
	out := texts
	for id, s := range texts[:n] {
		if !signed(s) {
			continue
		}
		if &out[0] == &texts[0] {
			out = slices.Clone(texts)
		}
		out[id] = ""
	}
	return out
}

// signed reports whether s has signs that show and only one rune beside them.
func signed(s string) bool {
	words, signs := 0, 0
	for _, r := range s {
		switch c := fold.Rune(r); {
		case c >= 0:
			words++
		case c == automaton.Skip && !unicode.IsSpace(r):
			signs++
		}
		if words > 1 {
			return false
		}
	}
	return words == 1 && signs > 0
}

// buildDigits compiles the terms in which digits stand: those with an Arabic one, and of the rest those of three runes and
// more (a hit for 3陪 where 三陪 is wanted would be found in 第3陪审团).
func (l *layer) buildDigits(terms []string) error {
	var digits []string
	for id, s := range terms {
		if signed(s) {
			continue
		}
		if c := strings.IndexFunc(s, arabic); c >= 0 || (utf8.RuneCountInString(s) > 2 && strings.ContainsFunc(s, fold.Han)) {
			digits = append(digits, s)
			l.digitID = append(l.digitID, uint32(id))
		}
	}
	if len(digits) == 0 {
		return nil
	}
	m, _, err := automaton.Build(digits, fold.Digits())
	l.digits = m
	return err
}

// arabic reports whether r is an Arabic digit or a form of one that is not Chinese.
func arabic(r rune) bool { return fold.Value(r) >= 0 && !fold.Han(r) }

// allDigits reports whether nothing but digits is compared.
func allDigits(s string) bool {
	n := 0
	for _, r := range s {
		if fold.Rune(r) < 0 {
			continue
		}
		if fold.Value(r) < 0 {
			return false
		}
		n++
	}
	return n > 0
}

// find returns the terms with this text: the matcher leads to them.
func (l *layer) find(text string) (ids []uint32) {
	seen := map[uint32]bool{}
	try := func(id uint32) {
		if int(id) < len(l.group) && l.text.at(id) == text && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	l.words.Scan([]byte(text), func(m automaton.Match) {
		for id, ok := m.ID, true; ok; id, ok = l.words.Same(id) {
			try(id)
		}
	})
	for _, id := range l.literal {
		try(id)
	}
	return ids
}
