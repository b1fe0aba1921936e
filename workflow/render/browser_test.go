package render_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"qingyang/storage/servers"
	"qingyang/workflow"
)

// TestE2ENothingIsCut: a screen has no scroll bar, so a page that holds more than the screen would lose its end. In a real
// browser every page of every text must stand between the edges, on a television, a kiosk and a small wayfinding machine.
func TestE2ENothingIsCut(t *testing.T) {
	ctx := servers.Chromium(t, 1280, 800)
	var page atomic.Pointer[[]byte]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(*page.Load())
	}))
	defer server.Close()
	n := 0
	for _, c := range []workflow.Channel{tv, kiosk, {ID: "tv", Kind: workflow.Wayfinding, Width: 1024, Height: 768}} {
		if _, err := chromedp.Run(ctx, chromedp.EmulateViewport(int64(c.Width), int64(c.Height))); err != nil {
			t.Fatal(err)
		}
		for name, body := range longTexts() {
			r := revision(body)
			r.Content.Title = strings.Repeat("关于调整政务服务", 1+n%5)
			for i, p := range pages(t, r, c) {
				page.Store(&p.Bytes)
				if _, err := chromedp.Run(ctx, chromedp.Navigate(server.URL)); err != nil {
					t.Fatal(err)
				}
				ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(() => { const m = document.querySelector('main').getBoundingClientRect();
					return [...document.querySelectorAll('main > *')].every(e => { const b = e.getBoundingClientRect();
						return b.top >= m.top && b.bottom <= m.bottom && e.scrollWidth <= Math.ceil(b.width) }) })()`))
				if err != nil {
					t.Fatal(err)
				}
				if n++; !ok {
					t.Errorf("%s on %s: page %d is cut", name, c.Kind, i+1)
				}
			}
		}
	}
	t.Logf("%d pages measured", n)
}

func longTexts() map[string]string {
	return map[string]string{
		"one long paragraph":    "<p>" + strings.Repeat("政务服务大厅办事指南，", 90) + "</p>",
		"many short ones":       strings.Repeat("<p>办事指南。</p>", 40),
		"digits and letters":    "<p>" + strings.Repeat("https://www.gov.cn/WWWMMM 0759-0000000 ", 30) + "</p>",
		"marks that hang":       "<p>" + strings.Repeat("（星期四）、《条例》，“好差评”。", 50) + "</p>",
		"one word without end":  "<p>" + strings.Repeat("W", 400) + "</p>",
		"capitals between text": "<p>" + strings.Repeat("大厅WIFI密码MMMM请到", 50) + "</p>",
		"a few lines":           "<p>放假通知。</p><p>八日起正常办公。</p>",
	}
}
