package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"qingyang/review"
	"qingyang/seeds/library"
)

// TestTermsExport: every term, allow phrase and cover word is one row, and nothing else is.
func TestTermsExport(t *testing.T) {
	got := say(t, environment(), "terms", "export")
	got.want(t, exitDone)
	text, marked := strings.CutPrefix(got.out, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked {
		t.Fatal(marked, err)
	}
	want := map[string]int{strings.Join(termColumns, "|"): 1}
	libs, err := library.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libs {
		for _, x := range l.Terms {
			auto := "false"
			if x.AutoReturn {
				auto = "true"
			}
			want[strings.Join([]string{l.Name, l.Version, "term", x.Text, x.Category, string(x.Level), auto, ways(x.Fuzzy), x.Rule, x.Basis, x.Why, x.Suggest}, "|")]++
		}
		for _, x := range l.Allow {
			want[l.Name+"|"+l.Version+"|allow|"+x+"||||||||"]++
		}
		for _, x := range l.Cover {
			want[l.Name+"|"+l.Version+"|cover|"+x+"||||||||"]++
		}
	}
	for _, r := range rows {
		want[strings.Join(r, "|")]--
	}
	for row, n := range want {
		if n != 0 {
			t.Errorf("%+d of %s", n, row)
		}
	}
}

// TestTermsTest: findings and what does not count, each with its reason; the exit code says whether an item would be blocked.
func TestTermsTest(t *testing.T) {
	say(t, environment(), "terms", "test", "六合彩").want(t, exitFound, "1 处 findings", "block", "term.gambling.play", "0-3")
	say(t, environment(), "terms", "test", "57365线路检测中心").want(t, exitFound, "boundary：是更长的数字或单词的一部分")
	say(t, environment(), "terms", "test", "国庆节放假通知").want(t, exitDone, "0 处 findings, 0 处不计")
	var rep review.Report
	got := say(t, environment(), "terms", "test", "--json", "六合彩")
	if err := json.Unmarshal([]byte(got.out), &rep); err != nil || got.code != exitFound || len(rep.Findings) != 1 || rep.Findings[0].Text != "六合彩" || rep.Suppressed == nil {
		t.Errorf("%d %+v %v", got.code, rep, err)
	}
	for _, args := range [][]string{{}, {"test"}, {"import", "x.csv"}, {"export", "x"}} {
		say(t, environment(), append([]string{"terms"}, args...)...).want(t, exitFail, "用法")
	}
}
