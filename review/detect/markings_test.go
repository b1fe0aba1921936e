package detect_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qingyang/review"
	"qingyang/review/detect"
)

func TestWholeMarking(t *testing.T) {
	got, _, err := detect.Markings().Detect(t.Context(), review.Segment{Text: "標題\n【機密★】"})
	if err != nil {
		t.Fatal(err)
	}
	want := []review.Finding{{
		Kind: review.Marking, Type: detect.Star, Level: review.Block, Start: 3, End: 8, Text: "【機密★】", Match: review.Folded,
		Rule: "marking.star", Library: detect.Library, LevelName: "机密", Period: "20年", Seal: true,
		Why: "国家秘密标志（GB/T 9704、GB/T 7156），疑似涉密，立即封存", Suggest: "停止传播，交保密员处理",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMarkingWeight(t *testing.T) {
	cases := []struct {
		text, name, period string
		level              review.Level
		seal               bool
	}{
		{"绝密★", "绝密", "30年", review.Block, true},
		{"秘密★", "秘密", "10年", review.Block, true},
		{"秘密★6个月", "秘密", "6个月", review.Block, true},
		{"密级：机密", "机密", "", review.Block, true},
		{"机密", "机密", "", review.Block, false},
		{"内部资料 注意保存", "内部资料", "", review.Block, false},
		{"例如机密★10年", "机密", "10年", review.Hint, false},
		{"“内部资料”", "内部资料", "", review.Hint, false},
		{"商密▲3年", "商密", "3年", review.Block, false},
		{"机密★10年 注意保密", "机密", "10年", review.Block, true},
	}
	for _, c := range cases {
		got, _, err := detect.Markings().Detect(t.Context(), review.Segment{Text: c.text})
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v %v", c.text, got, err)
			continue
		}
		if f := got[0]; f.LevelName != c.name || f.Period != c.period || f.Level != c.level || f.Seal != c.seal {
			t.Errorf("%s: got %+v", c.text, f)
		}
	}
}

func TestListOfExamplesIsQuoted(t *testing.T) {
	got, _, err := detect.Markings().Detect(t.Context(), review.Segment{Text: "标注为绝密★、机密★或秘密★。机密★10年"})
	if err != nil {
		t.Fatal(err)
	}
	var levels []review.Level
	for _, f := range got {
		levels = append(levels, f.Level)
	}
	if want := []review.Level{review.Hint, review.Hint, review.Hint, review.Block}; !slices.Equal(levels, want) {
		t.Errorf("got %v, want %v", levels, want)
	}
}

// A starred marking is found whatever text stands around it, and its span is its words.
func TestStarAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left := rapid.StringMatching(`[关于通知a1，。\n\t😀 ]{0,10}`).Draw(t, "left")
		right := rapid.StringMatching(`([，。\n\t ][通知a1，。😀]{0,10})?`).Draw(t, "right")
		mark := rapid.SampledFrom([]string{"绝密", "机密", "秘密"}).Draw(t, "level") + "★" + rapid.StringMatching(`[1-9]年`).Draw(t, "period")
		text := left + mark + right
		got, _, err := detect.Markings().Detect(context.Background(), review.Segment{Text: text})
		if err != nil || len(got) != 1 || got[0].Text != mark || string([]rune(text)[got[0].Start:got[0].End]) != mark {
			t.Fatalf("%q: %+v %v", text, got, err)
		}
	})
}

func FuzzDetectors(f *testing.F) {
	for _, s := range []string{"【机密★ 会议开始前】", "密级：机密/秘密", "http://[::1]:8", "javascript:", "每月漏洞扫描", "\xff★秘密*", "每月\x8f漏洞扫描", "a57365线路a57365线路政府"} {
		f.Add(s, "")
		f.Add(s, "link")
	}
	f.Fuzz(func(t *testing.T, text, where string) {
		runes := []rune(text)
		for name, d := range detectors {
			got, _, err := d.Detect(t.Context(), review.Segment{Text: text, Where: where})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range got {
				if f.Start < 0 || f.Start >= f.End || f.End > len(runes) || string(runes[f.Start:f.End]) != f.Text || f.Library == "" || f.Why == "" {
					t.Fatalf("%s: %+v in %q", name, f, text)
				}
			}
		}
	})
}

func BenchmarkDetectors(b *testing.B) {
	text := strings.Repeat("各单位要充分认识做好信息安全工作的重要性，严防发生网络泄密事件，确保公开信息不涉密。详见 http://www.gd.gov.cn/a 。\n", 700)
	for name, d := range detectors {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := d.Detect(b.Context(), review.Segment{Text: text}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
