package fold

import (
	"testing"
	"unicode"

	"qingyang/review/term/automaton"
)

// TestStable: what a rune becomes does not change when it is folded again, and nothing becomes a rune that is passed over.
func TestStable(t *testing.T) {
	for name, f := range map[string]*automaton.Fold{"words": Words(), "digits": Digits()} {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			c := f.Rune(r)
			if c < 0 {
				continue
			}
			if again := f.Rune(c); again != c {
				t.Errorf("%s: %q becomes %q, then %q", name, r, c, again)
			}
		}
	}
}

func TestRunes(t *testing.T) {
	for _, c := range []struct{ in, words, digits string }{
		{"ＡaÉéⒶ🅰𝐀аΑᴀ", "aaeeaaaaaa", "aaeeaaaaaa"},
		{"０9²٣৩𝟗", "092339", "092339"},
		{"①⑴⒈⓵❶➀➊㈠㊀壹一", "一一一一一一一一一一一", "11111111111"},
		{"⑩⑽❿", "十十十", "十十十"},
		{"零〇⓪貳陸", "〇〇〇二六", "00026"},
		{"賭國臺灣㊙㈱⼀", "赌国台湾秘株一", "赌国台湾秘株1"},
		{"がガ", "がガ", "がガ"},
	} {
		for i, f := range []*automaton.Fold{Words(), Digits()} {
			want := []rune([]string{c.words, c.digits}[i])
			for k, r := range []rune(c.in) {
				if got := f.Rune(r); got != want[k] {
					t.Errorf("%q (%U) becomes %q, want %q", r, r, got, want[k])
				}
			}
		}
	}
}

func TestClasses(t *testing.T) {
	for want, runes := range map[rune]string{
		automaton.Skip:  " \t\n\r\u00a0\u3000，、,.·-_*+$#@“”《》（）…😀★\u2028",
		automaton.Free:  "\u200b\u200c\u200d\ufeff\u00ad\ufe0f\u0301\u20e3\u2060\u202e\U000E0100\x00\u3164",
		automaton.Break: ";!?；。！？｡\ufffd",
	} {
		for _, r := range runes {
			if got := Rune(r); got != want {
				t.Errorf("%q (%U) is %d, want %d", r, r, got, want)
			}
		}
	}
}

func TestDigitsAndLetters(t *testing.T) {
	for r, want := range map[rune]int{'7': 7, '７': 7, '柒': 7, '⑦': 7, '七': 7, '陸': 6, '〇': 0, 'a': -1, '十': -1, '\u200b': -1} {
		if got := Value(r); got != want {
			t.Errorf("%q: %d, want %d", r, got, want)
		}
	}
	for r, want := range map[rune][3]bool{ // Han, LooksLatin, Borrowed
		'七': {true, false, false}, '陸': {true, false, false}, '⑦': {}, '7': {}, 'b': {false, true, false},
		'а': {false, true, true}, 'в': {false, false, true}, 'ж': {}, 'Ｂ': {false, true, false}, '赌': {},
	} {
		if got := [3]bool{Han(r), LooksLatin(r), Borrowed(r)}; got != want {
			t.Errorf("%q: %v, want %v", r, got, want)
		}
	}
}
