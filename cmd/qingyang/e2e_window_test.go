package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"qingyang/seeds/staff"
	"qingyang/storage/servers"
)

// chrome is one Chromium; every person gets a window with cookies of its own. QINGYANG_SHOTS names the folder for pictures of
// all pages; without it only a failing page is pictured, in a temporary folder.
type chrome struct {
	t    *testing.T
	ctx  context.Context
	url  string
	shot string
}

// patience is how long a window waits for anything it is told to wait for.
const patience = 20 * time.Second

func openChrome(t *testing.T, url string) *chrome {
	t.Helper()
	ctx := servers.Chromium(t, 1366, 768)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	return &chrome{t, ctx, url, os.Getenv("QINGYANG_SHOTS")}
}

// window is what one person has open. Whatever the console says there fails the test.
type window struct {
	*chrome
	ctx context.Context
	who string
	mu  sync.Mutex
	bad []string
}

func (c *chrome) window(who string) *window {
	c.t.Helper()
	ctx, leave := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	c.t.Cleanup(leave)
	w := &window{chrome: c, ctx: ctx, who: who}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		c.t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		c.t.Fatal(err)
	}
	return w
}

// hear keeps errors and warnings of scripts, of the policy and of what could not be loaded. That a page itself answered with
// an error status is the test's to judge.
func (w *window) hear(ev any) {
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		w.note(e.ExceptionDetails.Text + " " + describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			for _, a := range e.Args {
				w.note("console: " + describe(a))
			}
		}
	case *cdplog.EventEntryAdded:
		x := e.Entry
		own := x.Source == cdplog.EntrySourceNetwork && strings.Contains(x.Text, "status of 4") || strings.Contains(x.Text, "status of 503")
		own = own || x.Source == cdplog.EntrySourceRendering // advice on speed
		if (x.Level == cdplog.EntryLevelError || x.Level == cdplog.EntryLevelWarning) && !own {
			w.note(fmt.Sprintf("%s: %s %s", x.Source, x.Text, x.URL))
		}
	case *network.EventResponseReceived:
		wish := strings.HasSuffix(e.Response.URL, "/favicon.ico") || // the browser's own
			strings.Contains(e.Response.URL, "/vendor/") // pages work without the bundles, where npm was not there to make them
		draft := strings.HasSuffix(e.Response.URL, "/items/autosave")
		if e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument && !wish && !draft {
			w.note(fmt.Sprintf("%d %s", e.Response.Status, e.Response.URL))
		}
	}
}

func describe(o *runtime.RemoteObject) string {
	switch {
	case o == nil:
		return ""
	case o.Description != "":
		return o.Description
	}
	return string(o.Value)
}

func (w *window) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bad = append(w.bad, s)
}

// quiet fails the test with everything the window complained about since the last call.
func (w *window) quiet() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.bad {
		w.t.Errorf("%s's browser: %s", w.who, s)
	}
	w.bad = nil
}

// do runs the steps, each within its patience.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.fail("", err)
	}
}

// fail leaves a picture of what the person saw.
func (w *window) fail(what string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	if png, perr := chromedp.Run(ctx, chromedp.FullScreenshot(100)); perr == nil {
		name := filepath.Join(cmp.Or(w.shot, os.TempDir()), "qingyang-failed-"+strings.ReplaceAll(w.t.Name(), "/", "-")+".png")
		if os.WriteFile(name, png, 0o600) == nil {
			w.t.Logf("what %s saw: %s", w.who, name)
		}
	}
	w.quiet()
	w.t.Fatalf("%s at %s: %s %v", w.who, at, what, err)
}

// goes runs the steps and waits for the page they lead to. It returns the page's status.
func (w *window) goes(steps ...chromedp.Action[chromedp.Void]) int {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		w.fail("page", err)
	}
	w.quiet()
	return int(r.Status)
}

func (w *window) open(path string) int {
	w.t.Helper()
	return w.goes(chromedp.Navigate(w.url + path))
}

// follow clicks what leads to another page.
func (w *window) follow(sel string) int {
	w.t.Helper()
	return w.goes(chromedp.Click(chromedp.CSS(sel)))
}

// sure clicks a button that asks once more, says yes and waits for the page.
func (w *window) sure(sel string) int {
	w.t.Helper()
	w.click(sel)
	return w.follow("#sure button[value=yes]")
}

func (w *window) click(sel string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(sel)))
}

// pick clicks the words of a radio button or a box.
func (w *window) pick(input string) {
	w.t.Helper()
	w.click("label:has(" + input + ") > span")
}

// write types over what a field holds, with real keys.
func (w *window) write(sel, text string) {
	w.t.Helper()
	w.js(fmt.Sprintf(`{const e=document.querySelector(%q);e.focus();e.select?.()}`, sel))
	w.do(chromedp.SendKeys(chromedp.CSS(sel), text))
}

// set gives a date field its value as its picker would.
func (w *window) set(sel, value string) {
	w.t.Helper()
	w.js(fmt.Sprintf(`{const e=document.querySelector(%q);e.value=%q;for(const n of['input','change'])e.dispatchEvent(new Event(n,{bubbles:true}))}`, sel, value))
}

func (w *window) js(script string) {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](script))
}

func read[T any](w *window, script string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		w.fail(script, err)
	}
	return v
}

func (w *window) has(sel string) bool {
	w.t.Helper()
	return read[bool](w, fmt.Sprintf(`!!document.querySelector(%q)`, sel))
}

// text returns what a person reads at sel.
func (w *window) text(sel string) string {
	w.t.Helper()
	return read[string](w, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ''`, sel))
}

// until waits for script to hold.
func (w *window) until(what, script string) time.Duration {
	w.t.Helper()
	began := time.Now()
	for !read[bool](w, script) {
		if time.Since(began) > patience {
			w.fail(what, context.DeadlineExceeded)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return time.Since(began)
}

// reach opens path again and again until sel is there: what the program does by itself meanwhile takes a moment.
func (w *window) reach(path, sel string) {
	w.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		if w.open(path); w.has(sel) {
			return
		}
		if time.Now().After(end) {
			w.fail("waits for "+sel+" at "+path, context.DeadlineExceeded)
		}
	}
}

func (w *window) signIn() *window {
	w.t.Helper()
	w.open("/lang/zh")
	w.do(chromedp.SendKeys(chromedp.CSS("[name=account]"), w.who), chromedp.SendKeys(chromedp.CSS("[name=password]"), staff.Password))
	if status := w.follow("form button"); status != 200 || w.has("[name=password]") {
		w.fail("sign in", fmt.Errorf("status %d", status))
	}
	return w
}

// scripts switches page scripts on or off.
func (w *window) scripts(on bool) {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	if err != nil {
		w.t.Fatal(err)
	}
}

// sizes are an office screen and a telephone.
var sizes = []struct {
	name          string
	width, height int64
}{{"office", 1366, 768}, {"phone", 390, 844}}

// picture holds the page against sideways scrolling in both sizes and keeps how it looks, light and dark.
func (w *window) picture(name string) {
	w.t.Helper()
	for _, size := range sizes {
		w.do(chromedp.EmulateViewport(size.width, size.height))
		over := read[int](w, `document.documentElement.scrollWidth - innerWidth`)
		if over > 0 && !w.has(".sheet") { // the review form is a sheet of paper on any screen
			w.t.Errorf("%s is %d px wider than the %s screen", name, over, size.name)
		}
		for _, scheme := range []string{"light", "dark"} {
			if w.shot != "" {
				w.scheme(scheme)
				w.keep(fmt.Sprintf("%s-%s-%s.png", name, size.name, scheme))
			}
		}
	}
	if w.shot != "" {
		w.scheme("light")
	}
	w.do(chromedp.EmulateViewport(1366, 768))
	w.quiet()
}

// keep pictures the whole page, once what it frames is there and nothing moves.
func (w *window) keep(file string) {
	w.t.Helper()
	if w.has("iframe") {
		w.js(`for(const f of document.querySelectorAll('iframe'))f.loading='eager'`)
		time.Sleep(600 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.fail("picture "+file, err)
	}
	if err := os.WriteFile(filepath.Join(w.shot, file), png, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) scheme(name string) {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
