package page

import (
	"encoding/json"
	"html"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qingyang/review"
	"qingyang/ui/words"
	"qingyang/workflow"
)

func TestMarked(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		spans  []span
		want   string
	}{
		"plain": {
			"<p>电话13800001234。</p>",
			[]span{{n: 1, level: review.Block, start: 5, end: 16}},
			`<p>电话<mark id="m1" class="block" data-n="1"><a href="#f1">13800001234<sup aria-hidden="true">1</sup></a></mark>。</p>`,
		},
		"across tags": {
			"<p>57<b>365</b>线路</p>",
			[]span{{n: 2, level: review.Ask, start: 3, end: 16}},
			`<p><mark id="m2" class="ask" data-n="2"><a href="#f2">57</a></mark><b><mark class="ask" data-n="2"><a href="#f2">365</a></mark></b>` +
				`<mark class="ask" data-n="2"><a href="#f2">线<sup aria-hidden="true">2</sup></a></mark>路</p>`,
		},
		"entity stays whole": {
			"<p>a&amp;b</p>",
			[]span{{n: 1, level: review.Hint, done: true, start: 3, end: 6}},
			`<p><mark id="m1" class="hint ok" data-n="1"><a href="#f1">a&amp;<sup aria-hidden="true">1</sup></a></mark>b</p>`,
		},
		"link shows its address": {
			`<p><a href="http://x.test/">这里</a></p>`,
			[]span{{n: 1, level: review.Block, start: 12, end: 26}},
			`<p>这里<small><mark id="m1" class="block" data-n="1"><a href="#f1">〔http://x.test/〕<sup aria-hidden="true">1</sup></a></mark></small></p>`,
		},
		"script goes": {`<p onclick="x()">好<script>alert(1)</script></p>`, nil, `<p>好</p>`},
		"marks of the text itself are nobody's": {
			"<p>\uE0001\uE001x\uE002</p>", nil, "<p>\uFFFD1\uFFFDx\uFFFD</p>",
		},
	} {
		got, seen := marked(c.source, c.spans)
		if string(got) != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
		for _, s := range c.spans {
			if !seen[s.n] {
				t.Errorf("%s: finding %d has no place", name, s.n)
			}
		}
	}
}

var tags = regexp.MustCompile(`<sup aria-hidden="true">\d+</sup>|<[^>]*>`)

// Marks add nothing to the words and take nothing away, wherever findings lie.
// Mutant: cut one rune late in marker.text.
func TestMarksKeepTheWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"<p>", "</p>", "<b>", "</b>", "政务", "57365", "&amp;", "&nbsp;", "&#20013;", "字", "<", "&", "😀", "<a href='http://a'>", "</a>", "\uE000", "<script>", "</script>",
		}), 0, 30).Draw(t, "parts"), "")
		n := len([]rune(source))
		var fs []span
		for i := range rapid.IntRange(0, 4).Draw(t, "findings") {
			from := rapid.IntRange(0, n).Draw(t, "from")
			fs = append(fs, span{n: i + 1, level: review.Block, start: from, end: rapid.IntRange(from, n).Draw(t, "to")})
		}
		got, _ := marked(source, fs)
		bare, _ := marked(source, nil)
		if a, b := words2(string(got)), words2(string(bare)); a != b {
			t.Fatalf("%q becomes %q, not %q", source, a, b)
		}
	})
}

func words2(s string) string { return html.UnescapeString(tags.ReplaceAllString(s, "")) }

func FuzzMarked(f *testing.F) {
	f.Add("<p>电话13800001234</p>", 3, 7)
	f.Add("<a href=x>&amp", 0, 99)
	f.Fuzz(func(t *testing.T, source string, from, to int) {
		got, _ := marked(source, []span{{n: 1, level: review.Ask, start: from, end: to}})
		if s := strings.ToLower(string(got)); strings.Contains(s, "<script") || strings.Contains(s, "<img") || strings.ContainsRune(s, markOpen) {
			t.Errorf("%q becomes %q", source, got)
		}
	})
}

func TestParagraphs(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"一\r\n\r\n　　二&三\n":        "<p>一</p>\n<p>二&amp;三</p>\n",
		"<p>已有标签</p>\r\n<p>x</p>": "<p>已有标签</p>\n<p>x</p>",
	} {
		if got := paragraphs(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestInside(t *testing.T) {
	for in, want := range map[string]string{
		"/inbox?a=1": "/inbox?a=1", "": "/", "//evil.test": "/", "https://evil.test/": "/", `/\evil.test`: "/", "inbox": "/", "/%2f": "/%2f",
	} {
		if got := inside(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// The prototype was off by one; people count characters, not bytes.
func TestFit(t *testing.T) {
	l := &lens{}
	led := Outlet{Strip: true, Limit: 120, Wide: 13, Dots: 640}
	for text, want := range map[string]string{
		strings.Repeat("字", 13):      "13 / 120 字 · 一屏显示得下",
		strings.Repeat("字", 14):      "14 / 120 字，一屏显示 13 个汉字，要滚动：约 2 屏，一遍 23 秒",
		strings.Repeat("5", 26):      "26 / 120 字 · 一屏显示得下",
		strings.Repeat("字", 121):     "121 字，超出 1 字，请缩短",
		" " + strings.Repeat("字", 3): "3 / 120 字 · 一屏显示得下",
		"":                           "4 / 120 字 · 一屏显示得下",
	} {
		o := led
		o.Text = text
		if got, over := l.fit(o, "标题四字"); got != want || over != strings.Contains(want, "超出") {
			t.Errorf("%q: got %q %v, want %q", text, got, over, want)
		}
	}
}

// Mutant: an exact number where counting stopped.
func TestTally(t *testing.T) {
	got := []string{Tally(0).String(), Tally(199).String(), Tally(200).String(), Tally(201).String(), Tally(9999).String()}
	if want := []string{"0", "199", "200", "200+", "200+"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFilled(t *testing.T) {
	l := &lens{setup: workflow.Setup{Channels: []workflow.Channel{{ID: "led", Kind: workflow.LED}, {ID: "portal", Kind: workflow.Portal}}}}
	tpl := workflow.Template{
		ID: "x", Title: "{{.day}}停电", Body: "<p>{{.day}}{{.at}}在{{.where}}。{{.more}}。请谅解{{.more}}。</p>", Strip: "{{.where}}停电", Channels: []string{"portal", "led"},
		Fields: []workflow.TemplateField{
			{ID: "day", Label: "日期", Kind: "date", Required: true},
			{ID: "at", Label: "时间", Kind: "time", Required: true},
			{ID: "where", Label: "地点", Kind: "place", Required: true},
			{ID: "more", Label: "另外", Kind: "text"},
		},
	}
	got := l.filled(tpl, url.Values{"blank.day": {"2027-01-02"}, "blank.at": {"09:30"}, "blank.where": {"一楼<大厅>"}})
	want := workflow.Content{
		Title: "2027年1月2日停电", BodyHTML: "<p>2027年1月2日9:30在一楼&lt;大厅&gt;。请谅解</p>",
		Channels:   []workflow.Window{{ID: "portal"}, {ID: "led", Text: "一楼<大厅>停电"}},
		Disclosure: workflow.Disclosure{Kind: "active"}, Class: workflow.Ordinary, Urgency: workflow.Normal,
	}
	if a, b := encoded(t, got), encoded(t, want); a != b {
		t.Errorf("got %s\nwant %s", a, b)
	}
	if full := l.filled(tpl, url.Values{"blank.more": {"12日照常"}}); full.BodyHTML != "<p>【日期】【时间】在【地点】。12日照常。请谅解12日照常。</p>" {
		t.Errorf("with what may be left out: %q", full.BodyHTML)
	}
	if open := l.filled(tpl, nil); open.Title != "【日期】停电" {
		t.Errorf("unfilled: %q", open.Title)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTimes(t *testing.T) {
	l := &lens{now: time.Date(2026, 9, 1, 2, 0, 0, 0, time.UTC)}
	for at, want := range map[time.Time]string{
		l.now.Add(5 * time.Hour):     "今天 15:00 前",
		l.now.Add(29 * time.Hour):    "明天 15:00 前",
		l.now.Add(72 * time.Hour):    "09-04 10:00 前",
		l.now.Add(-90 * time.Minute): "已超时 1 小时 30 分",
		{}:                           "",
	} {
		if got, late := l.due(at); got != want || late != strings.HasPrefix(want, "已超时") {
			t.Errorf("%v: got %q %v, want %q", at, got, late, want)
		}
	}
	en := &lens{Book: words.Of("en"), now: l.now}
	if got, _ := en.due(l.now.Add(5 * time.Hour)); got != "today by 15:00" {
		t.Errorf("english: %q", got)
	}
}

func TestEmphasized(t *testing.T) {
	got := emphasized("LED大屏led", "Led")
	want := []Word{{"", false}, {"LED", true}, {"大屏", false}, {"led", true}, {"", false}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// The lock file names what is used by version and hash and no server; every version is exact.
func TestLockFile(t *testing.T) {
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	var pkg struct{ Dependencies map[string]string }
	for name, v := range map[string]any{"../package-lock.json": &lock, "../package.json": &pkg} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, v); err != nil {
			t.Fatal(err)
		}
	}
	for name, p := range lock.Packages {
		if p.Resolved != "" || name != "" && !strings.HasPrefix(p.Integrity, "sha512-") {
			t.Errorf("%s: resolved %q, integrity %q", name, p.Resolved, p.Integrity)
		}
	}
	for name, want := range pkg.Dependencies {
		if got := lock.Packages["node_modules/"+name].Version; got != want {
			t.Errorf("%s is %s, locked %s", name, want, got)
		}
	}
	if pkg.Dependencies["htmx.org"] != "2.0.11" {
		t.Error("htmx is not 2.0.11")
	}
}

// Mutants: guard the title alone; forget a sign; the full-width ones.
func TestInertCells(t *testing.T) {
	got := inertAll("=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A1", "滨政服审〔2026〕1号", "", "1-2", "’=")
	want := []string{"'=1+1", "'+1", "'-1", "'@A1", "'\t=1", "'\r=1", "'＝1", "'＋1", "'－1", "'＠A1", "滨政服审〔2026〕1号", "", "1-2", "’="}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
