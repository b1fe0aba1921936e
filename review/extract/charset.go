package extract

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decode turns a text file into UTF-8: by its byte order mark, as UTF-8 where valid, otherwise as GB18030. whole is false
// when characters were lost.
func decode(b []byte) (text string, whole bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), b)
	case looksUTF16(b):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), b)
	}
	if utf8.Valid(b) {
		return string(b), true
	}
	return decodeWith(simplifiedchinese.GB18030, b)
}

func decodeWith(e encoding.Encoding, b []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(b)
	text := string(out)
	return text, err == nil && !strings.ContainsRune(text, utf8.RuneError)
}

// looksUTF16 guesses little-endian UTF-16 without mark: line feeds and spaces have a zero byte behind them.
func looksUTF16(b []byte) bool {
	head := b[:min(len(b), headSize)]
	return len(b)%2 == 0 && bytes.Count(head, []byte{0}) > len(head)/20 && !bytes.Contains(head, []byte{0, 0})
}

func isGB18030(b []byte) bool {
	if len(b) > 4 {
		b = b[:len(b)-1] // may end inside a character
	}
	text, whole := decodeWith(simplifiedchinese.GB18030, b)
	return whole || strings.Count(text, string(utf8.RuneError)) == 1 && strings.HasSuffix(text, string(utf8.RuneError))
}
