package pii_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"qingyang/review"
	"qingyang/review/pii"
)

func detect(t *testing.T, text string) ([]review.Finding, []review.Suppressed) {
	t.Helper()
	got, dropped, err := pii.New().Detect(t.Context(), review.Segment{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return got, dropped
}

func TestWholeFinding(t *testing.T) {
	got, _ := detect(t, "证：４41899199001010016。")
	want := []review.Finding{{
		Kind: review.PII, Type: pii.IDCard, Level: review.Block, Start: 2, End: 20, Text: "４41899199001010016",
		Match: review.Folded, Rule: "pii.id_card", Library: pii.Library, AutoReturn: true,
		Why:     "未脱敏的居民身份证号码（GB 11643 校验通过），属个人隐私",
		Suggest: "建议改为 441899********0016",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLevelAndMask(t *testing.T) {
	cases := []struct {
		text, suggest string
		level         review.Level
	}{
		{"+86 138 0000 1234", "建议改为 138****1234", review.Block},
		{"6230580000000000", "建议改为 6230********0000", review.Block},
		{"护照E12345678", "建议改为 E1*****78", review.Block},
		{"粤A12345", "建议改为 粤A***45", review.Ask},
		{"abc@qq.com", "建议改为 a***@qq.com", review.Ask},
		{"abc@gd.gov.cn", "建议改为 a***@gd.gov.cn", review.Hint},
		{"电话83124168", "", review.Hint},
		{"91441899MA5EXAMP13", "", review.Hint},
	}
	for _, c := range cases {
		got, _ := detect(t, c.text)
		if len(got) != 1 || got[0].Suggest != c.suggest || got[0].Level != c.level || got[0].AutoReturn {
			t.Errorf("%s: got %+v, want %s %q", c.text, got, c.level, c.suggest)
		}
	}
}

func TestCounterIsSuppressed(t *testing.T) {
	got, dropped := detect(t, "共13800001234元")
	if len(got) != 0 || len(dropped) != 1 || dropped[0].Cause != "counter" || dropped[0].Start != 1 || dropped[0].End != 12 {
		t.Errorf("got %+v, dropped %+v", got, dropped)
	}
}

func TestClockBoundsBirth(t *testing.T) {
	seg := review.Segment{Text: "441899201006301058"}
	for day, want := range map[string]int{"2010-06-29": 0, "2010-06-30": 1} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := pii.New(func() time.Time { return now }).Detect(t.Context(), seg)
		if err != nil || len(got) != want {
			t.Errorf("%s: got %d findings, %v, want %d", day, len(got), err, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := pii.New().Detect(ctx, review.Segment{Text: "13800001234"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
}

// Whatever stands around, a span is the words of the text between its offsets.
func checkSpans(t interface{ Fatalf(string, ...any) }, text string, got []review.Finding) {
	runes := []rune(text)
	for _, f := range got {
		if f.Start < 0 || f.End > len(runes) || f.Start >= f.End || string(runes[f.Start:f.End]) != f.Text {
			t.Fatalf("span %d-%d %q in %q", f.Start, f.End, f.Text, text)
		}
	}
}

func TestMobileAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left := rapid.StringMatching(`[a-z：，、。😀中文（）\n ]{0,12}`).Draw(t, "left")
		right := rapid.StringMatching(`([。，；）\n][a-z：，、。😀中文（）\n ]{0,12})?`).Draw(t, "right")
		number := rapid.StringMatching(`1[3-9][0-9]{9}`).Draw(t, "number")
		got, _, err := pii.New().Detect(context.Background(), review.Segment{Text: left + number + right})
		if err != nil {
			t.Fatalf("detect: %v", err)
		}
		start := utf8.RuneCountInString(left)
		for _, f := range got {
			if f.Type == pii.Mobile && f.Start == start && f.End == start+11 {
				return
			}
		}
		t.Fatalf("mobile %q not found after %q: %+v", number, left, got)
	})
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"(+86)138-0000-1234", "441899 19900101 0016", "电话：(0668)2912345转801", "粤A·12345", "a@b.cn", "４４１\u200b8\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, err := pii.New().Detect(t.Context(), review.Segment{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		checkSpans(t, text, got)
	})
}

func BenchmarkDetect(b *testing.B) {
	texts := map[string]string{
		"chinese": strings.Repeat(strings.Repeat("各单位要充分认识做好信息安全工作的重要性，紧急行动起来，强化措施，落实责任。", 6)+"落实2022年部署，联系电话：83124168。\n", 400),
		"digits":  strings.Repeat("序号 12 金额 123456.78 元 2022-03-15 编号 20220266\n", 2000),
		"latin":   strings.Repeat("<p class=\"notice\">The quick brown fox jumps over a lazy dog</p>\n", 2000),
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := pii.New().Detect(b.Context(), review.Segment{Text: text}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
