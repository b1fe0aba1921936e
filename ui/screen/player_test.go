package screen_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/publish/publishtest"
)

// live lets the house's time pass as the world's does, until the test ends.
func (w *site) live(t *testing.T) {
	t.Helper()
	const step = 20 * time.Millisecond
	tick, done := time.NewTicker(step), make(chan bool)
	go func() {
		for {
			select {
			case <-tick.C:
				w.Pass(step)
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { tick.Stop(); close(done) })
}

func visit(t *testing.T, ctx context.Context, address string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
}

func resize(t *testing.T, ctx context.Context, width, height int64) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, ctx context.Context, what, script string, limit time.Duration) {
	t.Helper()
	for range int(limit / (100 * time.Millisecond)) {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		if err != nil {
			t.Fatal(what, err)
		}
		if ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	picture(t, ctx, "failed.png")
	t.Fatalf("%s: not within %v", what, limit)
}

// picture keeps a screenshot where QINGYANG_SHOTS names a folder.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("QINGYANG_SHOTS")
	if dir == "" {
		return
	}
	time.Sleep(800 * time.Millisecond)
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

const (
	pageIsOn  = `!!document.querySelector('iframe.on') && document.querySelector('iframe.on').contentDocument.querySelector('h1').textContent === '国庆节放假通知' && neutral.hidden`
	allIsDark = `document.querySelectorAll('iframe').length === 0 && !neutral.hidden`
)

// TestE2EPlayer: a television shows the stored page, is dark within ten seconds of a takedown, says so when halted, shows
// again when resumed, and goes dark when the server is gone and the lease has ended.
func TestE2EPlayer(t *testing.T) {
	ctx := servers.Chromium(t, 1280, 720)
	w := open(t)
	w.live(t)
	n := publishtest.Notice("国庆节放假通知", "tv")
	n.BodyHTML = "<p>10月1日（星期四）至7日（星期三）放假调休，共7天。8日（星期四）起正常办公。</p><p>放假期间，社保窗口提供预约服务。</p>"
	w.Publish(1, true, n)
	server := httptest.NewServer(w.gate)
	defer server.Close()
	visit(t, ctx, server.URL+"/channels/tv/?key=demo-tv")
	until(t, ctx, "shown", pageIsOn, 10*time.Second)
	picture(t, ctx, "tv.png")
	w.SetState("tv", workflow.ChannelHalted)
	until(t, ctx, "halted", allIsDark+` && neutral.textContent.includes('维护')`, 10*time.Second)
	w.SetState("tv", workflow.ChannelLive)
	until(t, ctx, "resumed", pageIsOn, 10*time.Second)
	w.Suspend(1)
	until(t, ctx, "taken down", allIsDark+` && neutral.textContent === '滨海市政务服务中心'`, 10*time.Second)
	w.Publish(2, true, n)
	until(t, ctx, "another one", pageIsOn, 10*time.Second)
	server.CloseClientConnections()
	server.Close()
	w.Suspend(2)
	pass := func(d time.Duration) {
		t.Helper()
		script := fmt.Sprintf(`{ const now = performance.now.bind(performance); performance.now = () => now() + %d; true }`, d.Milliseconds())
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err != nil {
			t.Fatal(err)
		}
	}
	pass(30 * time.Second)
	time.Sleep(4 * time.Second)
	until(t, ctx, "still there within the lease", pageIsOn, time.Second)
	pass(30 * time.Second)
	until(t, ctx, "dark after the lease", allIsDark, 5*time.Second)
}

// TestE2EStrip: the strip's page lights dots, and none after a takedown.
func TestE2EStrip(t *testing.T) {
	ctx := servers.Chromium(t, 1280, 160)
	w := open(t)
	w.live(t)
	w.Publish(1, true, publishtest.Notice("国庆节放假通知", "led"))
	server := httptest.NewServer(w.gate)
	defer server.Close()
	visit(t, ctx, server.URL+"/channels/led/?key=demo-led")
	const lit = `(() => { const c = document.querySelector('canvas'); if (!c || !neutral.hidden) return false;
		return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 0 && v > 200) })()`
	until(t, ctx, "lit", lit, 10*time.Second)
	picture(t, ctx, "led.png")
	w.Suspend(1)
	until(t, ctx, "dark", "!"+lit+" && !neutral.hidden", 10*time.Second)
}

// TestE2EPortal looks at the portal's pages on a desk and on a telephone: nothing may scroll sideways.
func TestE2EPortal(t *testing.T) {
	ctx := servers.Chromium(t, 1280, 900)
	w := open(t)
	w.live(t)
	n := publishtest.Notice("关于国庆节期间服务窗口放假安排的通知", "portal", "kiosk")
	n.BodyHTML = "<p>放假安排如下：</p><table><tr><th>窗口</th><th>时间</th><th>电话</th><th>地点</th></tr><tr><td>社会保险综合窗口</td><td>9:00—12:00</td><td>0759-0000000</td><td>一楼大厅东侧</td></tr></table>"
	w.Publish(1, true, n)
	server := httptest.NewServer(w.gate)
	defer server.Close()
	for _, x := range []struct {
		name, path string
		width      int64
	}{{"home.png", "/channels/portal/", 1280}, {"item.png", itemPath("portal", 1), 1280}, {"home-m.png", "/channels/portal/", 320}, {"item-m.png", itemPath("portal", 1), 320}} {
		resize(t, ctx, x.width, 800)
		visit(t, ctx, server.URL+x.path)
		picture(t, ctx, x.name)
		until(t, ctx, x.name, "document.documentElement.scrollWidth <= innerWidth && document.styleSheets.length === 1", time.Second)
	}
	resize(t, ctx, 540, 960)
	visit(t, ctx, server.URL+"/channels/kiosk/?key=demo-kiosk")
	until(t, ctx, "kiosk", `!!document.querySelector('iframe.on')`, 10*time.Second)
	picture(t, ctx, "kiosk.png")
}
