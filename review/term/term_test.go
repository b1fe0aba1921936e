package term

import (
	"context"
	"testing"
	"time"

	"qingyang/review"
)

func rules(t *testing.T, terms, allow, cover []string) *Ruleset {
	t.Helper()
	lib := Library{Name: "t", Version: "1", Allow: allow, Cover: cover}
	for _, s := range terms {
		lib.Terms = append(lib.Terms, Term{Text: s, Category: "test", Level: review.Block, Fuzzy: AnyFuzzy, Confirmed: true})
	}
	r, err := Compile(time.Time{}, lib)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestQuick(t *testing.T) {
	r := rules(t, []string{"六合彩", "57365", "365bet", "三陪", "机密", "VPN", "赌博", "bet", "病毒"}, []string{"反赌博"}, []string{"手机", "密码"})
	for _, s := range []string{
		"买⑥合彩", "6合彩", "六六合合彩彩", "五七三六五", "⑤7365", "123573650", "0759-57365", "57365线路检测", "③65BET", "三六五bet", "叁陪", "手机密码", "机 密", "ＶＰＮ", "vpns", "V\u0301PN", "反赌博", "反赌博吗？赌\U0001F600博",
		"赌赌博博", "Ьеt", "Веt365", "вет", "病\n毒", "賭博", "赌；博", "3陪", "堵搏", "dubo", "du bo", "du博", "lhc", "LHC网", "贝者博", "贝者十尃", "liuhecai", "liu he 彩", "态度", "六河采", "dubowang", "木几密",
	} {
		f, x, err := r.Detect(context.Background(), review.Segment{Text: s})
		t.Log(s, err)
		for _, v := range f {
			t.Logf("   %s %q %d-%d %s", v.Term, v.Text, v.Start, v.End, v.Match)
		}
		for _, v := range x {
			t.Logf("   - %s %q %d-%d %s", v.Term, v.Text, v.Start, v.End, v.Cause)
		}
	}
}
