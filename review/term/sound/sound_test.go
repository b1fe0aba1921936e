package sound

import "testing"

func TestSpell(t *testing.T) {
	for text, want := range map[string][2]string{
		"六合彩":   {"liu he cai", "lhc"},
		"绿色A片":  {"lv se Apian", "lsAp"},
		"":      {"", ""},
		"57365": {"57365", "57365"},
	} {
		if f, i := Spell(text); f != want[0] || i != want[1] {
			t.Errorf("%s: %q %q, want %q", text, f, i, want)
		}
	}
	if id := Syllable([]byte("zhuang")); id == 0 || Name(id) != "zhuang" || Syllable([]byte("bet")) != 0 {
		t.Error(id)
	}
}
