// Package bench measures the matcher beside others of its kind. It is a module of its own so that they never become part
// of the program.
package bench

import (
	"math/rand/v2"
	"strings"

	"qingyang/seeds/library"
)

// lexicon returns n different made-up words of two to six characters, drawn from characters as frequent as in ordinary
// official text. The same n gives the same words.
func lexicon(n int) []string {
	libs, err := library.All()
	if err != nil {
		panic(err)
	}
	var runes []rune
	for _, l := range libs {
		runes = append(runes, []rune(strings.Join(l.Cover, ""))...)
	}
	r := rand.New(rand.NewPCG(7, 11))
	seen := make(map[string]bool, n)
	out := make([]string, 0, n)
	for len(out) < n {
		w := make([]rune, []int{2, 2, 2, 2, 3, 3, 3, 4, 4, 6}[r.IntN(10)])
		for i := range w {
			w[i] = runes[r.IntN(len(runes))]
		}
		if s := string(w); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// even returns n different words of one of the given lengths, evenly drawn from so many characters.
func even(n, characters int, lengths ...int) []string {
	r := rand.New(rand.NewPCG(7, 11))
	seen := make(map[string]bool, n)
	out := make([]string, 0, n)
	for len(out) < n {
		w := make([]rune, lengths[r.IntN(len(lengths))])
		for i := range w {
			w[i] = rune(0x4E00 + r.IntN(characters))
		}
		if s := string(w); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// mixed returns about size bytes of words of the lexicon, each followed by a character of none in particular.
func mixed(words []string, size int) string {
	r := rand.New(rand.NewPCG(3, 5))
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteRune(rune(0x4E00 + r.IntN(20000)))
	}
	return b.String()
}
