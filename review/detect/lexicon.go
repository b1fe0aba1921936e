package detect

import "unicode"

// lexicon finds fixed words in one pass over runes.
type lexicon struct {
	first bits // the runes that begin a word
	words map[rune][]entry
}

// entry is a word with the class it belongs to.
type entry struct {
	runes []rune
	class int
}

// seen is a word found at [from, to).
type seen struct {
	class, from, to int
}

// newLexicon takes words by class: those of classes[k] have class k. Latin words are given in lower case.
func newLexicon(classes ...[]string) *lexicon {
	l := &lexicon{words: map[rune][]entry{}}
	for class, words := range classes {
		for _, w := range words {
			r := []rune(w)
			l.first.add(r[0])
			l.words[r[0]] = append(l.words[r[0]], entry{r, class})
		}
	}
	return l
}

// scan returns the words in text by where they begin, the longest of those that begin at one place.
func (l *lexicon) scan(text []rune) []seen {
	var out []seen
	for i, r := range text {
		if !l.first.has(r) {
			continue
		}
		best := seen{}
		for _, e := range l.words[r] {
			if len(e.runes) > best.to-best.from && startsWith(text[i:], e.runes) && bounded(text, i, i+len(e.runes)) {
				best = seen{e.class, i, i + len(e.runes)}
			}
		}
		if best.to > 0 {
			out = append(out, best)
		}
	}
	return out
}

func startsWith(text, word []rune) bool {
	if len(text) < len(word) {
		return false
	}
	for k, r := range word {
		if text[k] != r {
			return false
		}
	}
	return true
}

// bounded says whether a Latin word stands alone: no letter or digit of another word touches it.
func bounded(text []rune, from, to int) bool {
	if isLatin(text[from]) && from > 0 && isLatin(text[from-1]) {
		return false
	}
	return !isLatin(text[to-1]) || to >= len(text) || !isLatin(text[to])
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// dense is a text without white space and in lower case, width folded; at leads back.
type dense struct {
	r  []rune
	at []int
}

func newDense(text []rune) *dense {
	d := &dense{r: make([]rune, 0, len(text)), at: make([]int, 0, len(text)+1)}
	for i, r := range text {
		r = foldRune(r)
		if r == ' ' || r == '\t' || isBreak(r) {
			continue
		}
		if r < 0x250 {
			r = unicode.ToLower(r)
		}
		d.r, d.at = append(d.r, r), append(d.at, i)
	}
	d.at = append(d.at, len(text))
	return d
}

// span leads [from, to) back to the text it was made of.
func (d *dense) span(from, to int) (int, int) { return d.at[from], d.at[to-1] + 1 }

// sentences returns where the sentences of d end.
func (d *dense) sentences() []int {
	var ends []int
	last := 0
	for i, r := range d.r {
		if r == '。' || r == ';' || r == '!' || r == '?' || i-last > 300 {
			ends = append(ends, i+1)
			last = i + 1
		}
	}
	return append(ends, len(d.r))
}
