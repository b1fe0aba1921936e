package pii

import (
	"strings"
	"unicode/utf8"
)

// before returns up to n characters of the same sentence before byte i, without spaces, width and case folded. A line
// break right before i is looked across once: labels stand above what they name.
func (s *scanner) before(i, n int) string {
	if cap(s.near) < 4*n {
		s.near = make([]byte, 4*n)
	}
	buf := s.near[:4*n]
	w, broke := len(buf), false
	for k, end := 0, max(i-nearBytes, 0); k < n && i > end; {
		c, size := foldBefore(s.text, i)
		switch {
		case isBreak(c):
			if w < len(buf) || c != '\n' || broke {
				return string(buf[w:])
			}
			broke = true
		case silent(c):
		case keptAsIs(c):
			w -= copy(buf[w-size:w], s.text[i-size:i])
			k++
		default:
			w--
			buf[w] = lower(c)
			k++
		}
		i -= size
	}
	return string(buf[w:])
}

// silent says whether c is white space within a line or shows nothing.
func silent(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == ignorable }

// keptAsIs says whether fold gave a class, not the character itself.
func keptAsIs(c byte) bool { return c == other || c == middleDot || c == maskMark }

// after is before in the other direction; a line break ends it at once.
func (s *scanner) after(i, n int) string {
	buf := s.near[:0]
	for k := 0; k < n && i < len(s.text); k++ {
		c, size := fold(s.text, i)
		if isBreak(c) {
			break
		}
		switch {
		case silent(c):
		case keptAsIs(c):
			buf = append(buf, s.text[i:i+size]...)
		default:
			buf = append(buf, lower(c))
		}
		i += size
	}
	s.near = buf
	return string(buf)
}

func isBreak(c byte) bool { return c == '\n' || c == ';' || c == '!' || c == '?' }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// words is a set of words, by their last byte.
type words [256][]string

func wordsOf(list ...string) *words {
	var w words
	for _, s := range list {
		last := s[len(s)-1]
		w[last] = append(w[last], s)
	}
	return &w
}

// lastOf returns where the last of w ends in text, or -1.
func lastOf(text string, w *words) int {
	for end := len(text); end > 0; end-- {
		for _, s := range w[text[end-1]] {
			if strings.HasSuffix(text[:end], s) {
				return end
			}
		}
	}
	return -1
}

func anyOf(text string, w *words) bool { return lastOf(text, w) >= 0 }

// about says whether one of w stands before byte from or shortly after byte to, in the same sentence.
func (s *scanner) about(from, to int, w *words) bool {
	return anyOf(s.before(from, 24), w) || anyOf(s.after(to, 10), w)
}

// counters are words that make a number a quantity. A counter does not count where one of the runes after it follows.
var counters = map[rune]string{
	'元': "", '万': "", '亿': "", '个': "人", '件': "", '人': "工员民力社事大才", '次': "日", '台': "州湾山江账", '条': "",
	'户': "籍主", '份': "", '名': "称字下单", '家': "长属庭里人电中", '吨': "", '米': "", '克': "", '斤': "", '亩': "", '岁': "",
	'年': "", '月': "", '日': "常间期前后", '天': "津河", '秒': "", '%': "", '‰': "", '倍': "", '笔': "", '株': "", '辆': "",
	'只': "有能要在是", '项': "", '宗': "", '页': "", '字': "", '余': "", '多': "", '部': "门", '％': "",
}

// counted says whether a counter follows byte i: the number is a quantity.
func (s *scanner) counted(i int) bool {
	r, n := next(s.text, i)
	if r == ' ' || r == 0xA0 {
		i += n
		r, n = next(s.text, i)
	}
	then, _ := next(s.text, i+n)
	switch r {
	case '公', '平', '千', '百', '立':
		return strings.ContainsRune("里斤顷升方米克瓦万", then)
	case '起':
		return strings.ContainsRune("案事火交", then)
	case '美', '港', '欧', '英':
		return then == '元' || then == '币' || then == '镑'
	}
	except, ok := counters[r]
	return ok && !strings.ContainsRune(except, then)
}

func next(s string, i int) (rune, int) {
	if i >= len(s) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(s[i:])
}
