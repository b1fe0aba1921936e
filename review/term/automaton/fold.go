package automaton

import "unicode/utf8"

// What a rune may become beside a rune.
const (
	Skip  rune = -1 // a separator: up to MaxSkip in a row are passed over
	Free  rune = -2 // shows nothing: passed over without counting
	Break rune = -3 // ends every match
)

// Move says that a rune does not stand for itself.
type Move struct{ From, To rune }

// table maps runes; planes above the first are in pages of 256 that exist where something is set.
type table[T rune | uint16] struct {
	bmp  [1 << 16]T
	page [0x1000][]T
}

func (t *table[T]) at(r, blank rune) *T {
	if r < 0x10000 {
		return &t.bmp[r]
	}
	p := &t.page[r>>8-0x100]
	if *p == nil {
		*p = make([]T, 256)
		for i := range *p {
			(*p)[i] = T(blank&^255 + rune(i)*min(blank, 1))
		}
	}
	return &(*p)[r&255]
}

// get is at without making the page.
func (t *table[T]) get(r, blank rune) T {
	if r < 0x10000 {
		return t.bmp[r]
	}
	if p := t.page[r>>8-0x100]; p != nil {
		return p[r&255]
	}
	return T(blank)
}

// Fold is a rune-to-rune table made once and shared by every Build. It is immutable.
type Fold struct {
	t     table[rune]
	moves []Move        // to another rune
	blank table[uint16] // codes of the runes that are passed over, no others
}

// NewFold tabulates the runes that do not stand for themselves. What a broken byte reads as (U+FFFD) ends every match.
func NewFold(moves []Move) *Fold {
	f := new(Fold)
	for r := range rune(0x10000) {
		f.t.bmp[r] = r
	}
	f.t.bmp[utf8.RuneError] = Break
	for _, m := range moves {
		*f.t.at(m.From, m.From) = m.To
		switch m.To {
		case Skip:
			*f.blank.at(m.From, 0) = codeSkip
		case Free:
			*f.blank.at(m.From, 0) = codeFree
		case Break:
		default:
			f.moves = append(f.moves, m)
		}
	}
	return f
}

// Rune folds one rune.
func (f *Fold) Rune(r rune) rune {
	if uint32(r) < 0x10000 {
		return f.t.bmp[r]
	}
	return f.high(r)
}

func (f *Fold) high(r rune) rune {
	if r < 0 || r > 0x10FFFF {
		return Break
	}
	return f.t.get(r, r)
}

// codes returns the table of a scan: what is passed over, and the codes of the alphabet and of all that folds to it.
func (f *Fold) codes(alpha []rune) *table[uint16] {
	t := new(table[uint16])
	t.bmp = f.blank.bmp
	for i, p := range f.blank.page {
		if p != nil {
			t.page[i] = append([]uint16(nil), p...)
		}
	}
	for i, r := range alpha {
		*t.at(r, 0) = uint16(i + 1)
	}
	for _, m := range f.moves {
		if c := t.get(m.To, 0); c != 0 {
			*t.at(m.From, 0) = c
		}
	}
	return t
}
