package render_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qingyang/workflow"
	"qingyang/workflow/render"
)

const house = "滨海市政务服务中心"

var (
	portal = workflow.Channel{ID: "portal", Kind: workflow.Portal}
	tv     = workflow.Channel{ID: "tv", Kind: workflow.TV, Width: 1920, Height: 1080}
	kiosk  = workflow.Channel{ID: "kiosk", Kind: workflow.Kiosk, Width: 1080, Height: 1920}
	led    = workflow.Channel{ID: "led", Kind: workflow.LED, Width: 640, Height: 64}
	pic    = workflow.Attachment{ID: "a1", Name: "大厅 平面图.png", Media: "image/png", Size: 2048, SHA256: strings.Repeat("ab", 32)}
	sheet  = workflow.Attachment{ID: "a2", Name: "名单.xlsx", Media: "application/zip", Size: 3 << 20, SHA256: strings.Repeat("cd", 32)}
)

func revision(body string) workflow.Revision {
	return workflow.Revision{
		N: 1, Attachments: []workflow.Attachment{pic, sheet},
		Content: workflow.Content{
			Title: "国庆节放假通知", Summary: "十月一日至七日放假", Source: "办公室", BodyHTML: body,
			Channels: []workflow.Window{{ID: "portal"}, {ID: "tv"}, {ID: "kiosk"}, {ID: "led"}},
		},
	}
}

func pages(t testing.TB, r workflow.Revision, c workflow.Channel) []workflow.Page {
	t.Helper()
	ps, err := render.Renderer{}.Render(house, workflow.Item{ID: 1}, r, c)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

func TestArticle(t *testing.T) {
	for _, x := range []struct{ name, body, want, fit string }{
		{"heading", `<h1>一</h1><p style="color:red" class=x onclick=y>二</p>`, `<h2>一</h2><p>二</p>`, "[]"},
		{"script", `<p>一<script>alert(1)</script><style>p{}</style><!-- 密 --></p>`, `<p>一</p>`, "[]"},
		{"hidden words come to light", `<p style="display:none">藏</p>`, `<p>藏</p>`, "[]"},
		{"own image by id", `<img src="/api/v1/items/1/attachments/a1" alt="图" onerror=x>`, `<img src="files/` + pic.SHA256 + `" alt="图"/>`, "[]"},
		{"own image by name", `<img src="attachment:大厅%20平面图.png">`, `<img src="files/` + pic.SHA256 + `" alt=""/>`, "[]"},
		{"sheet is no image", `<p>一</p><img src="a2">`, `<p>一</p>`, "[{image_dropped body_html [a2]}]"},
		{"foreign image", `<p>一</p><img src="https://e.com/a1">`, `<p>一</p>`, "[{image_dropped body_html [https://e.com/a1]}]"},
		{"data image", `<p>一</p><img src="data:image/png;base64,AA">`, `<p>一</p>`, "[{image_dropped body_html [data:image/png;base64,AA]}]"},
		{"link out", `<a href="https://www.gov.cn/x?a=1&amp;b=2" target=_top>网</a>`, `<a href="https://www.gov.cn/x?a=1&amp;b=2" rel="noreferrer">网</a>`, "[]"},
		{"link to file", `<a href="files/` + sheet.SHA256 + `">表</a>`, `<a href="files/` + sheet.SHA256 + `">表</a>`, "[]"},
		{"link to script", `<a href="javascript:x">点</a>`, `点`, "[{link_dropped body_html [javascript:x]}]"},
		{"link inside", `<a href="/admin">点</a>`, `点`, "[{link_dropped body_html [/admin]}]"},
		{"table", `<table border=1><tr><td colspan=2 width=9>甲</td></tr></table>`, `<table><tbody><tr><td colspan="2">甲</td></tr></tbody></table>`, "[]"},
		{"frames", `<p>一</p><iframe src=x>二</iframe><form><input></form><svg><a href=x>三</a></svg>`, `<p>一</p>`, "[{link_dropped body_html [x]}]"},
		{"empty", ` <script>x</script>`, ``, "[{text_empty body_html []}]"},
	} {
		t.Run(x.name, func(t *testing.T) {
			ps := pages(t, revision(x.body), portal)
			_, rest, _ := strings.Cut(string(ps[0].Bytes), "<div class=\"text\">\n")
			got, _, _ := strings.Cut(rest, "\n</div>")
			if strings.Contains(x.name, "frames") {
				got = strings.TrimSuffix(got, "三")
			}
			if fit := fmt.Sprint(ps[0].Fit); got != x.want || fit != x.fit {
				t.Errorf("got\n%s %s\nwant\n%s %s", got, fit, x.want, x.fit)
			}
		})
	}
}

func TestArticleFrame(t *testing.T) {
	r := revision("<p>甲</p>")
	r.Content.Title = "<b>&"
	want := `<article class="notice">
<h1>&lt;b&gt;&amp;</h1>
<p class="source">来源：办公室</p>
<div class="text">
<p>甲</p>
</div>
<section class="files" aria-label="附件"><h2>附件</h2>
<ul>
<li><a href="files/` + pic.SHA256 + `">大厅 平面图.png</a> <small>2 KB</small></li>
<li><a href="files/` + sheet.SHA256 + `">名单.xlsx</a> <small>3.0 MB</small></li>
</ul></section>
</article>
`
	if got := string(pages(t, r, portal)[0].Bytes); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var texts = regexp.MustCompile(`(?s)<p[^>]*>(.*?)</p>`)

func shown(ps []workflow.Page) string {
	var b strings.Builder
	for _, p := range ps {
		for _, m := range texts.FindAllSubmatch(p.Bytes, -1) {
			b.Write(m[1])
		}
	}
	return b.String()
}

func TestScreenShowsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		para := rapid.StringOfN(rapid.SampledFrom([]rune("政务服务中心，。（）0123abc “”—")), 1, 300, -1)
		list := rapid.SliceOfN(para, 1, 20).Draw(t, "paragraphs")
		c := rapid.SampledFrom([]workflow.Channel{tv, kiosk}).Draw(t, "channel")
		var want strings.Builder
		r := revision("")
		for _, p := range list {
			p = strings.Join(strings.Fields(p), " ")
			want.WriteString(p)
			r.Content.BodyHTML += "<p>" + p + "</p>"
		}
		r.Content.Channels = []workflow.Window{{ID: c.ID}}
		if want.Len() == 0 {
			return
		}
		ps, err := render.Renderer{}.Render(house, workflow.Item{}, r, c)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(ps); got != want.String() {
			t.Fatalf("%d pages show\n%q\nwant\n%q", len(ps), got, want.String())
		}
	})
}

func TestScreen(t *testing.T) {
	long := "<p>" + strings.Repeat("政务服务大厅办事指南。", 60) + "</p>"
	for _, x := range []struct {
		name, body, text string
		c                workflow.Channel
		names, shown     string
		fit              string
	}{
		{"own text replaces the body", "<p>正文</p>", "第一行\n\n 第二行", tv, "page.html", "第一行第二行", "[]"},
		{
			"lists and tables", `<ol><li>甲</li><li>乙</li></ol><ul><li>丙</li></ul><table><tr><th>丁</th><td>戊</td></tr></table><img src=a1>`, "", kiosk,
			"page.html", "1. 甲2. 乙· 丙丁　戊", "[{image_omitted body_html [1]} {table_flattened body_html [1]}]",
		},
		{
			"table with names of columns", `<table><caption>表</caption><thead><tr><th>窗口</th><th>时间</th></tr></thead><tr><td>社保</td><td><p>上午</p><p>下午</p></td></tr><tr><td>医保</td></tr></table>`, "", tv,
			"page.html", "表窗口：社保；时间：上午 下午窗口：医保", "[{table_flattened body_html [1]}]",
		},
		{
			"table with joined cells", `<table><tr><th>窗口</th><th>时间</th></tr><tr><td colspan=2>暂停</td></tr></table>`, "", tv,
			"page.html", "窗口　时间暂停", "[{table_flattened body_html [1]}]",
		},
		{"long", long, "", tv, "page-1.html page-2.html page-3.html", strings.Repeat("政务服务大厅办事指南。", 60), "[]"},
		{"nothing", "", "", tv, "page.html", "", "[{text_empty body_html []}]"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := revision(x.body)
			for i := range r.Content.Channels {
				r.Content.Channels[i].Text = x.text
			}
			ps := pages(t, r, x.c)
			var names []string
			for _, p := range ps {
				names = append(names, p.Name)
			}
			if got := strings.Join(names, " "); got != x.names {
				t.Errorf("pages %s, want %s", got, x.names)
			}
			if got := shown(ps); got != x.shown {
				t.Errorf("shown %s, want %s", got, x.shown)
			}
			if got := fmt.Sprint(ps[0].Fit); got != x.fit {
				t.Errorf("fit %s, want %s", got, x.fit)
			}
		})
	}
}

func TestScreenWarnsOfTooMuch(t *testing.T) {
	r := revision("<p>" + strings.Repeat("政务服务大厅办事指南。", 400) + "</p>")
	r.Content.Title = strings.Repeat("关于调整政务服务大厅", 20)
	fit := pages(t, r, tv)[0].Fit
	if len(fit) != 2 || fit[0].Code != render.TitleTooLong || fit[1].Code != render.TextTooLong {
		t.Errorf("fit %v", fit)
	}
}

func TestStrip(t *testing.T) {
	for _, x := range []struct {
		name, title, summary, text, want, fit string
		width                                 int
	}{
		{"title and summary", "放假通知", "十月一日至七日", "", "放假通知　　十月一日至七日", "[]", 13 * 48},
		{"own text", "放假通知", "十月", " 今日\n停电\t6点 ", "今日 停电 6点", "[]", 5*48 + 3*24},
		{"title alone where both are too long", "放假通知", strings.Repeat("长", render.MaxStrip), "", "放假通知", "[]", 4 * 48},
		{"as long as may be", "题", "", strings.Repeat("长", render.MaxStrip), strings.Repeat("长", render.MaxStrip), "[]", render.MaxStrip * 48},
		{"one too many", "题", "", strings.Repeat("长", render.MaxStrip+1), strings.Repeat("长", render.MaxStrip+1), "[{text_too_long text [201 200]}]", (render.MaxStrip + 1) * 48},
		{"missing glyphs are boxes", "题", "", "王䶮𠮷䶮", "王䶮𠮷䶮", "[{glyph_missing text [䶮𠮷]}]", 4 * 48},
		{"nothing", "", "", "", "", "[{text_empty text []}]", 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := revision("<p>正文</p>")
			r.Content.Title, r.Content.Summary, r.Content.Channels[3].Text = x.title, x.summary, x.text
			ps := pages(t, r, led)
			if got := string(ps[0].Bytes); got != x.want+"\n" {
				t.Errorf("text %q, want %q", got, x.want)
			}
			if got := fmt.Sprint(ps[0].Fit); got != x.fit {
				t.Errorf("fit %s, want %s", got, x.fit)
			}
			img, err := png.Decode(bytes.NewReader(ps[1].Bytes))
			if err != nil {
				t.Fatal(err)
			}
			if b := img.Bounds(); b.Dx() != x.width || b.Dy() != 64 {
				t.Errorf("strip is %v, want %d by 64", b, x.width)
			}
		})
	}
}

// TestSquareDots: each dot is 4 by 4 pixels of one colour, and a missing character is not empty.
func TestSquareDots(t *testing.T) {
	r := revision("")
	r.Content.Channels[3].Text = "𠮷国"
	img, err := png.Decode(bytes.NewReader(pages(t, r, led)[1].Bytes))
	if err != nil {
		t.Fatal(err)
	}
	lit := [2]int{}
	for y := range 64 {
		for x := range img.Bounds().Dx() {
			c := img.At(x, y)
			if c != img.At(x&^3, y&^3) {
				t.Fatalf("dot at %d, %d is not square", x, y)
			}
			if c == render.Dots[1] {
				lit[x/48]++
			}
		}
	}
	if lit[0] == 0 || lit[1] == 0 {
		t.Errorf("lit pixels %v", lit)
	}
}

func TestJoin(t *testing.T) {
	a, err := render.Maintenance("停播", 64)
	if err != nil {
		t.Fatal(err)
	}
	b, err := render.Join([][]byte{a, a})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := png.Decode(bytes.NewReader(a))
	for y := range 64 {
		for x := range 96 {
			if img.At(x, y) != one.At(x, y) || img.At(x+192, y) != one.At(x, y) {
				t.Fatalf("dot %d, %d differs", x, y)
			}
		}
	}
	if w := img.Bounds().Dx(); w != 288 {
		t.Errorf("width %d, want 288", w)
	}
}

// TestGolden keeps renditions as they are: a change here changes what old previews and new ones look like, and is meant
// to be seen. Pictures are compared by their dots, because a compressor may change.
func TestGolden(t *testing.T) {
	r := revision(`<h2>一、时间</h2><p>10月1日至7日放假，8日<strong>正常上班</strong>。</p><ul><li>社保窗口</li></ul><img src="a1">`)
	for _, x := range []struct {
		c    workflow.Channel
		want string
	}{
		{portal, "51894819d70114f9"}, {tv, "c8704262f1674a86"}, {kiosk, "c8704262f1674a86"}, {led, "ad492953be85fc2b"},
	} {
		h := sha256.New()
		for _, p := range pages(t, r, x.c) {
			if p.Media != "image/png" {
				h.Write(p.Bytes)
				continue
			}
			img, err := png.Decode(bytes.NewReader(p.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			for y := range img.Bounds().Dy() {
				for x := range img.Bounds().Dx() {
					fmt.Fprint(h, img.At(x, y) == render.Dots[1])
				}
			}
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != x.want {
			t.Errorf("%s: %s, want %s", x.c.ID, got, x.want)
		}
	}
}

func TestUnknownKind(t *testing.T) {
	if ps, err := (render.Renderer{}).Render(house, workflow.Item{}, revision("x"), workflow.Channel{Kind: "fax"}); err == nil {
		t.Errorf("rendered %v", ps)
	}
}

func TestPolicy(t *testing.T) {
	got := render.Policy([]byte("<html><style>p{}</style>"))
	want := "default-src 'none'; style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
	if got != want {
		t.Errorf("got %s", got)
	}
	if got := render.Policy([]byte("<p>")); !strings.Contains(got, "style-src 'none'") {
		t.Errorf("without style: %s", got)
	}
}

// FuzzArticle: whatever the body, no script, no handler, no foreign image reaches a rendition.
func FuzzArticle(f *testing.F) {
	for _, s := range []string{"<p>一", "<svg><style><img src=x onerror=y>", `<a href="java&#10;script:x">`, "<math><mtext><table><mglyph><style><!--"} {
		f.Add(s)
	}
	bad := regexp.MustCompile(`(?i)<(script|style|iframe|svg|math|object|embed|form|input|link|meta|base)|<[^>]*\son[a-z]+\s*=|<[^>]*(src|href)="(javascript|data|vbscript):|<img[^>]*src="[^f]`)
	f.Fuzz(func(t *testing.T, body string) {
		r := revision(body)
		for _, c := range []workflow.Channel{portal, tv, led} {
			for _, p := range pages(t, r, c) {
				if c.Kind == workflow.Portal && bad.Match(p.Bytes) {
					t.Errorf("%q became %s", body, p.Bytes)
				}
			}
		}
	})
}
