package detect

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
