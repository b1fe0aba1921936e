package extract

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"qingyang/review"
)

type htmlSpan struct {
	where, words string
	start, end   int
}

// parseHTML takes the marks ⟦where|words|raw⟧ out of a case line.
func parseHTML(t *testing.T, line string) (string, []htmlSpan) {
	t.Helper()
	line = strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(line)
	var raw strings.Builder
	var spans []htmlSpan
	for {
		before, rest, found := strings.Cut(line, "⟦")
		raw.WriteString(before)
		if !found {
			return raw.String(), spans
		}
		mark, after, _ := strings.Cut(rest, "⟧")
		f := strings.SplitN(mark, "|", 3)
		start := utf8.RuneCountInString(raw.String())
		raw.WriteString(f[2])
		spans = append(spans, htmlSpan{f[0], f[1], start, start + utf8.RuneCountInString(f[2])})
		line = after
	}
}

// find returns where words stand in a segment of that place, zero width spaces aside, led back to the source.
func find(segs []review.Segment, where, words string) (start, end int, ok bool) {
	for _, s := range segs {
		if s.Where != where {
			continue
		}
		var kept []rune
		var at []int
		for i, r := range []rune(s.Text) {
			if r != zeroWidth && r != 0xA0 {
				kept, at = append(kept, r), append(at, i)
			}
		}
		if i := strings.Index(string(kept), words); i >= 0 {
			k := utf8.RuneCountInString(string(kept)[:i])
			last := at[k+utf8.RuneCountInString(words)-1]
			return int(s.Offsets[at[k]]), int(s.Offsets[last+1]), true
		}
	}
	return 0, 0, false
}

func TestHTMLCases(t *testing.T) {
	b, err := os.ReadFile("testdata/html.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		raw, want := parseHTML(t, line)
		segs, err := Part(review.Part{Format: "html", Text: raw})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			n++
			start, end, ok := find(segs, w.where, w.words)
			if got := (htmlSpan{w.where, w.words, start, end}); !ok || got != w {
				t.Errorf("%s\n got %v %v\nwant %v\n%+v", raw, ok, got, w, segs)
			}
		}
		if strings.Contains(raw, "不匹配") {
			for _, s := range segs {
				if strings.Contains(s.Text, "不匹配") {
					t.Errorf("%s: matched %q", raw, s.Text)
				}
			}
		}
	}
	if n < 15 {
		t.Errorf("%d spans, want at least 15", n)
	}
}

// checkSegments holds for every segment: one offset for each rune and one for the end, never going back, inside the source.
func checkSegments(t interface{ Fatalf(string, ...any) }, raw string, segs []review.Segment) {
	limit := utf8.RuneCountInString(raw)
	for _, s := range segs {
		if s.Offsets == nil {
			continue
		}
		if len(s.Offsets) != utf8.RuneCountInString(s.Text)+1 || !slices.IsSorted(s.Offsets) || s.Offsets[0] < 0 ||
			int(s.Offsets[len(s.Offsets)-1]) > limit {
			t.Fatalf("offsets %v of %q in %q", s.Offsets, s.Text, raw)
		}
	}
}

func TestVisibleTextCoversSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"<p>", "</p>", "<b>", "</b>", "机密", "★", "&#53;", "&amp", "<!--", "-->", "<div style=display:none>", "</div>", "<a href='%E7%BA%BF'>", "</a>",
			"<", ">", "\"", "<script>", "</script>", "😀", "\r\n", "<td>", "<noscript>", "</noscript>", "<plaintext>", "<textarea>", "&", ";", "\x00",
		})).Draw(t, "pieces"), "")
		segs := htmlSegments("", raw)
		checkSegments(t, raw, segs)
		runes := []rune(raw)
		for i, r := range []rune(segs[0].Text) {
			off := segs[0].Offsets[i]
			if isHan := r >= 0x4E00 && r <= 0x9FFF; isHan && runes[off] != r {
				t.Fatalf("rune %d of %q is %q, source %q", i, segs[0].Text, r, runes[off])
			}
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<p>&#53;</p>", "<a href=%zz>", "<!-->", "&copy1", "<p style=", "\xff<b", "<svg><![CDATA[x]]>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		checkSegments(t, raw, htmlSegments("", raw))
	})
}

func BenchmarkHTML(b *testing.B) {
	raw := strings.Repeat("<p class=\"a\">各单位要充分认识做好<b>信息安全</b>工作&nbsp;的重要性 "+strconv.Itoa(12)+"</p>\n", 1000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		htmlSegments("", raw)
	}
}
