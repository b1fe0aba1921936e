// Package sound knows how Chinese characters are read, without tones.
package sound

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// ID numbers a syllable; 0 is none.
type ID uint16

const (
	low  = 0x4E00
	high = 0x9FFF
	// Longest is the number of letters in the longest syllable.
	Longest = 6
)

// book is the dictionary turned round.
type book struct {
	read  [high - low + 1][len(table)]ID
	ids   map[string]ID
	names []string
}

var open = sync.OnceValue(func() *book {
	b := &book{ids: map[string]ID{}, names: []string{""}}
	for rank, line := range table {
		for word := range strings.SplitSeq(line, " ") {
			k := strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf })
			id := b.id(word[:k])
			for _, r := range word[k:] {
				b.read[r-low][rank] = id
			}
		}
	}
	return b
})

func (b *book) id(syllable string) ID {
	id, ok := b.ids[syllable]
	if !ok {
		id = ID(len(b.names))
		b.ids[syllable] = id
		b.names = append(b.names, syllable)
	}
	return id
}

// Readings returns the syllables of a character, the commonest first, and none for other runes.
func Readings(r rune) []ID {
	if r < low || r > high {
		return nil
	}
	all := &open().read[r-low]
	n := 0
	for n < len(all) && all[n] != 0 {
		n++
	}
	return all[:n]
}

// Syllable returns the syllable written so, in lower case with v for ü, or 0.
func Syllable(letters []byte) ID { return open().ids[string(letters)] }

// Name returns how a syllable is written.
func Name(id ID) string { return open().names[id] }

// Spell returns a text as syllables with blanks between, and its first letters; what is not Chinese stays as it is.
func Spell(s string) (full, initials string) {
	var f, i strings.Builder
	for _, r := range s {
		if ids := Readings(r); len(ids) > 0 {
			name := Name(ids[0])
			f.WriteString(name + " ")
			i.WriteByte(name[0])
			continue
		}
		f.WriteRune(r)
		i.WriteRune(r)
	}
	return strings.TrimSpace(f.String()), i.String()
}
