package term

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qingyang/review"
)

// oneCase is a line of testdata/cases.txt.
type oneCase struct {
	kind, text   string
	terms, allow []string
	want         []string // start-end
}

// parseCase reads a line: escapes, brackets around expected hits, or spans after =>.
func parseCase(t *testing.T, line string) oneCase {
	t.Helper()
	f := strings.SplitN(line, "|", 4)
	if len(f) != 4 {
		t.Fatal(line)
	}
	c := oneCase{kind: strings.TrimSpace(f[0]), terms: strings.Fields(f[1]), allow: strings.Fields(f[2])}
	text, spans, explicit := strings.Cut(strings.TrimPrefix(f[3], " "), " => ")
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatal(err, line)
	}
	var out []rune
	start := 0
	for _, r := range text {
		switch r {
		case '⟦':
			start = len(out)
		case '⟧':
			c.want = append(c.want, fmt.Sprintf("%d-%d", start, len(out)))
		default:
			out = append(out, r)
		}
	}
	if explicit {
		c.want = strings.Fields(spans)
	}
	c.text = string(out)
	return c
}

var fuzzyKinds = []string{"pinyin", "initials", "homophone", "split"}

func TestCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' {
			continue
		}
		c := parseCase(t, line)
		count[c.kind]++
		found, _, err := rules(t, c.terms, c.allow, commonWords).Detect(context.Background(), review.Segment{Text: c.text})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			if slices.Contains(fuzzyKinds, c.kind) == (f.Match == review.Fuzzy) {
				got = append(got, fmt.Sprintf("%d-%d", f.Start, f.End))
			}
			if want := string([]rune(c.text)[f.Start:f.End]); f.Text != want {
				t.Errorf("%s: text %q, want %q", line, f.Text, want)
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %v, want %v", line, got, c.want)
		}
	}
	for kind, n := range count {
		if n < 15 {
			t.Errorf("%d cases of %s", n, kind)
		}
	}
	if len(count) != 17 {
		t.Error("kinds:", count)
	}
}

// commonWords are cover words for tests.
var commonWords = strings.Fields(`手机 密码 计算机 密钥 特色 情怀 平台 独立 消毒 品种 窗口 交费 路口 交通 线性 交换 方法 轮换 年代 开始
个人 体会 热情 色彩 文件`)
