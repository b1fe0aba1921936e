package pii

import "unicode/utf8"

// What fold answers for characters that are no ASCII after folding.
const (
	other     byte = 0 // any other character
	ignorable byte = 1 // shows nothing: zero width, soft hyphen, byte order mark
	middleDot byte = 2 // · • ・ between the parts of a plate
	maskMark  byte = 3 // × ● ■ … in place of a digit
)

// fold returns the ASCII character that stands at byte i of s once width is folded, and its length in bytes.
func fold(s string, i int) (byte, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return c, 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return foldRune(r), n
}

// foldBefore is fold for the character that ends at byte i; at the start of s it answers a line feed of length 0.
func foldBefore(s string, i int) (byte, int) {
	if i <= 0 {
		return '\n', 0
	}
	if c := s[i-1]; c < utf8.RuneSelf {
		return c, 1
	}
	r, n := utf8.DecodeLastRuneInString(s[:i])
	return foldRune(r), n
}

func foldRune(r rune) byte {
	switch {
	case r < utf8.RuneSelf:
		return byte(r) //nolint:gosec // below 0x80
	case r >= 0xFF01 && r <= 0xFF5E:
		return byte(r - 0xFEE0)
	case r >= 0x4E00 && r <= 0x9FFF:
		return other
	}
	return foldSign(r)
}

func foldSign(r rune) byte {
	switch r {
	case 0x3000, 0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F:
		return ' '
	case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212:
		return '-'
	case 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD:
		return ignorable
	case 0xB7, 0x2022, 0x30FB, 0x2027:
		return middleDot
	case 0xD7, 0x25CF, 0x25A0, 0x25CB, 0x2217, 0x2731:
		return maskMark
	case '。', '；', '！', '？':
		return '\n'
	}
	return other
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return alnum[c] }
func isMask(c byte) bool   { return c == '*' || c == maskMark }

var alnum = func() (t [256]bool) {
	for c := range 256 {
		t[c] = isDigit(byte(c)) || isLetter(byte(c))
	}
	return t
}()

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 0x20
	}
	return c
}

func isHan(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }
