package detect

import (
	"strings"
	"sync"
)

// page is a text as runes, folded one to one so that indexes are offsets, and cut into lines and cells.
type page struct {
	raw string
	r   []rune
}

// folds are the traditional characters of the words that markings are made of.
var folds = map[rune]rune{
	'絕': '绝', '機': '机', '祕': '秘', '內': '内', '資': '资', '僅': '仅', '參': '参', '請': '请', '傳': '传', '開': '开',
	'級': '级', '屬': '属', '長': '长', '個': '个', '後': '后', '時': '时', '業': '业', '嚴': '严', '標': '标', '為': '为',
}

// bits is a set of runes of the basic plane.
type bits [1024]uint64

func (b *bits) add(r rune) { b[r>>6] |= 1 << (r & 63) }

func (b *bits) has(r rune) bool { return r>>16 == 0 && b[r>>6]&(1<<(r&63)) != 0 }

// folded are the runes that folds has.
var folded = func() (b bits) {
	for r := range folds {
		b.add(r)
	}
	return b
}()

var pagePool = sync.Pool{New: func() any { return new(page) }}

// newPage returns the page of a text, to be given back with free.
func newPage(text string) *page {
	p := pagePool.Get().(*page) //nolint:forcetypeassert // the pool holds nothing else
	p.raw, p.r = text, roomFor(p.r, len(text))
	for _, r := range text {
		if r >= 0x80 {
			r = foldRune(r)
		}
		p.r = append(p.r, r)
	}
	return p
}

// free gives p back. Nothing of it may be used any more.
func (p *page) free() {
	p.raw = ""
	pagePool.Put(p)
}

func foldRune(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= 0x4E00 && r <= 0x9FFF:
		if folded.has(r) {
			return folds[r]
		}
		return r
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r >= 0x2000 && r <= 0x200F:
		return ' '
	}
	return foldSign(r)
}

// foldSign makes one blank, one line end and one cell border of the many there are.
func foldSign(r rune) rune {
	switch r {
	case 0x3000, 0xA0, 0x202F, 0x2060, 0xFEFF, 0xFE0F:
		return ' '
	case '│', '┃', '║':
		return '|'
	case 0x2028, 0x2029, 0x85:
		return '\n'
	}
	return r
}

// at returns the rune at i, a line feed outside the text.
func (p *page) at(i int) rune {
	if i < 0 || i >= len(p.r) {
		return '\n'
	}
	return p.r[i]
}

// skip returns the first index from i that is no blank, within a line and cell.
func (p *page) skip(i int) int {
	for i < len(p.r) && p.r[i] == ' ' {
		i++
	}
	return i
}

// back is skip to the left: the index behind the last character before i that is no blank.
func (p *page) back(i int) int {
	for i > 0 && p.r[i-1] == ' ' {
		i--
	}
	return i
}

// has says whether words stand at i, blanks between its runes allowed, and returns where they end.
func (p *page) has(i int, words string) (int, bool) {
	for k, w := range words {
		if k > 0 {
			i = p.skip(i)
		}
		if p.at(i) != w {
			return 0, false
		}
		i++
	}
	return i, true
}

// endsWith says whether one of list stands right before i, blanks between runes allowed.
func (p *page) endsWith(i int, list []string) bool {
	for _, words := range list {
		k, ok := i, true
		rs := []rune(words)
		for j := len(rs) - 1; j >= 0 && ok; j-- {
			k = p.back(k)
			ok = k > 0 && p.r[k-1] == rs[j]
			k--
		}
		if ok {
			return true
		}
	}
	return false
}

func (p *page) text(from, to int) string { return cut(p.raw, from, to) }

func isBreak(r rune) bool { return r == '\n' || r == '\r' || r == '\v' || r == '\f' }

// isEdge says whether r ends a line or a table cell.
func isEdge(r rune) bool { return isBreak(r) || r == '\t' || r == '|' }

func isHan(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func oneOf(r rune, set string) bool { return strings.ContainsRune(set, r) }
