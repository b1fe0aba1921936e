package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qingyang/ui/screen"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/publish/publishtest"
)

// TestPlayerTakedown: what is published is shown, a takedown reaches the box at its next poll, and leaves no bytes there.
func TestPlayerTakedown(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.Publish(2, true, publishtest.Notice("停电通知", "tv"))
	w.want(t, "before the first poll", "")
	w.polls(t)
	if got := w.shows(t); !strings.Contains(got, "放假通知") || !strings.Contains(got, "停电通知") || w.cached(t) != 2 {
		t.Errorf("shows %q, %d pages cached", got, w.cached(t))
	}
	var page string
	for _, it := range w.told(t).Items {
		if it.Title == "放假通知" {
			page = "pages/" + it.Pages[0].SHA256
		}
	}
	w.Suspend(1)
	w.polls(t)
	w.want(t, "after the takedown", "停电通知")
	if got := w.ask("GET", page, ""); got.Code != http.StatusGone || w.cached(t) != 1 {
		t.Errorf("the page that was taken down: %d, %d cached", got.Code, w.cached(t))
	}
	w.SetState("tv", workflow.ChannelHalted)
	w.polls(t)
	if l := w.told(t); len(l.Items) != 0 || l.State != workflow.ChannelHalted || l.Message == "" || w.cached(t) != 0 {
		t.Errorf("halted: %+v, %d cached", l, w.cached(t))
	}
}

// TestPlayerServerDies: items stay until the lease ends, also over a restart, and not a moment longer.
func TestPlayerServerDies(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.polls(t)
	lease := w.told(t).Lease
	w.srv.Close()
	w.later(lease.Sub(w.wall) - time.Second)
	w.poll(t.Context())
	w.want(t, "a second before the end of the lease", "放假通知")
	w.restart(t)
	w.want(t, "after a restart", "放假通知")
	w.later(time.Second)
	w.want(t, "at the end of the lease", "")
	w.restart(t)
	w.want(t, "after another restart", "")
}

// TestPlayerWindow: an item leaves when its window ends, whether the server answers or not.
func TestPlayerWindow(t *testing.T) {
	w := newWallBox(t)
	n := publishtest.Notice("放假通知", "tv")
	until := w.Now().Add(20 * time.Second)
	n.Channels[0].Until = &until
	w.Publish(1, true, n)
	w.polls(t)
	w.want(t, "inside the window", "放假通知")
	w.srv.Close()
	w.later(until.Sub(w.wall) - time.Millisecond)
	w.want(t, "just inside", "放假通知")
	w.later(time.Millisecond)
	w.want(t, "past it", "")
}

// TestPlayerReplay: an older playlist, however well signed, is refused, also after a restart; a delayed one is no use past
// its lease.
func TestPlayerReplay(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	var old []byte
	record := func(rw http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := httptest.NewRecorder()
		honest.ServeHTTP(rec, r)
		if strings.HasSuffix(r.URL.Path, "playlist.json") {
			old = rec.Body.Bytes()
		}
		for k, v := range rec.Header() {
			rw.Header()[k] = v
		}
		rw.WriteHeader(rec.Code)
		fmt.Fprint(rw, rec.Body.String())
	}
	replay := func(rw http.ResponseWriter, r *http.Request, honest http.Handler) {
		if strings.HasSuffix(r.URL.Path, "playlist.json") {
			fmt.Fprintf(rw, "%s", old)
			return
		}
		honest.ServeHTTP(rw, r)
	}
	w.lies(record)
	w.polls(t)
	w.want(t, "published", "放假通知")
	w.lies(nil)
	w.Suspend(1)
	w.polls(t)
	w.want(t, "taken down", "")
	w.lies(replay)
	w.polls(t)
	w.want(t, "replayed", "")
	if err := w.judge.accept(old); err == nil || err.Error() != errReplayed.Error() {
		t.Errorf("replayed: %v", err)
	}
	w.restart(t)
	w.polls(t)
	w.want(t, "replayed after a restart", "")
	if err := os.WriteFile(filepath.Join(w.dir, "playlist.json"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	w.restart(t)
	w.want(t, "put into the cache", "")
	if err := w.judge.recall(); err == nil || err.Error() != errReplayed.Error() {
		t.Errorf("put into the cache: %v", err)
	}
	fresh := newWallBox(t)
	fresh.World, fresh.judge.keys = w.World, w.judge.keys
	fresh.wall = w.wall.Add(2 * time.Minute)
	if err := fresh.judge.accept(old); err != nil {
		t.Fatal(err)
	}
	fresh.want(t, "held back past its lease", "")
}

// TestPlayerTampered: a page with other bytes than the signed list says is not shown, on the way or on the disk; a list
// that the pinned key did not sign changes nothing.
func TestPlayerTampered(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.lies(func(rw http.ResponseWriter, r *http.Request, honest http.Handler) {
		if strings.Contains(r.URL.Path, "/pages/") {
			fmt.Fprint(rw, "<main>57365</main>")
			return
		}
		honest.ServeHTTP(rw, r)
	})
	w.polls(t)
	w.want(t, "tampered on the way", "")
	w.lies(nil)
	w.polls(t)
	w.want(t, "honest again", "放假通知")
	var file string
	for _, it := range w.told(t).Items {
		sha := it.Pages[0].SHA256
		file = filepath.Join(w.dir, "pages", sha[:2], sha[2:4], sha)
		if err := os.WriteFile(file, []byte("<main>57365</main>"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.ask("GET", "pages/"+sha, ""); got.Code != http.StatusGone || got.Body.Len() > 0 {
			t.Errorf("tampered on the disk: %d %s", got.Code, got.Body.String())
		}
	}
	w.want(t, "until it is fetched again", "")
	w.polls(t)
	w.want(t, "fetched again", "放假通知")
	w.lies(forger(t))
	w.polls(t)
	w.want(t, "forged list", "放假通知")
	w.restart(t)
	w.later(2 * time.Minute)
	w.polls(t)
	w.want(t, "forged list after the lease", "")
}

// forger answers with empty lists signed by another key, and names that key as the server's.
func forger(t *testing.T) func(http.ResponseWriter, *http.Request, http.Handler) {
	t.Helper()
	s := testSigner(t)
	return func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.URL.Path == keysPath {
			fmt.Fprint(rw, s.text)
			return
		}
		at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		raw, err := json.Marshal(screen.Playlist{
			V: 1, Channel: "tv", Kind: "tv", State: "live", Sequence: at.UnixMicro(), Issued: at, Lease: at.Add(time.Minute), Items: []screen.PlaylistItem{},
		})
		if err != nil {
			t.Error(err)
		}
		key, sig := s.Sign(append([]byte(listDomain), raw...))
		if err := json.NewEncoder(rw).Encode(sentList{raw, key, sig}); err != nil {
			t.Error(err)
		}
	}
}

// TestPlayerClock: setting the clock back makes nothing last longer; after a restart with such a clock nothing is shown
// before the server was reached; a clock far ahead makes the screen dark.
func TestPlayerClock(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.polls(t)
	w.want(t, "published", "放假通知")
	honest := w.wall
	w.wall = honest.Add(-24 * time.Hour)
	w.lies(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { rw.WriteHeader(http.StatusBadGateway) })
	w.later(55 * time.Second)
	w.poll(t.Context())
	w.want(t, "set back, within the lease", "放假通知")
	w.restart(t)
	w.want(t, "restarted with the clock set back", "")
	w.lies(nil)
	w.polls(t)
	w.want(t, "with the server, clock still set back", "放假通知")
	w.lies(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { rw.WriteHeader(http.StatusBadGateway) })
	w.later(61 * time.Second)
	w.poll(t.Context())
	w.want(t, "set back, past the lease", "")
	w.lies(nil)
	w.wall = w.Now().Add(time.Hour)
	w.polls(t)
	w.want(t, "an hour ahead", "")
}

// TestPlayerTurnedAway: a screen whose key was withdrawn is dark at once and after a restart; other failures leave the lease
// to decide.
func TestPlayerTurnedAway(t *testing.T) {
	for status, want := range map[int]string{401: "", 403: "", 404: "", 410: "", 429: "放假通知", 500: "放假通知", 503: "放假通知", 302: "放假通知"} {
		w := newWallBox(t)
		w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
		w.polls(t)
		w.lies(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { rw.WriteHeader(status) })
		w.polls(t)
		w.want(t, http.StatusText(status), want)
		w.restart(t)
		w.want(t, fmt.Sprint(status, " restarted"), want)
	}
}

// TestPlayerReceipt: what the browser shows reaches the server, after an outage too.
func TestPlayerReceipt(t *testing.T) {
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.polls(t)
	it := w.told(t).Items[0]
	body, err := json.Marshal(screen.Receipt{Sequence: 1, Showing: []screen.ReceiptItem{{Number: it.Number, Digest: it.Digest}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.ask("POST", "receipts", string(body)); got.Code != http.StatusNoContent {
		t.Fatal(got.Code, got.Body.String())
	}
	w.lies(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { rw.WriteHeader(http.StatusBadGateway) })
	w.polls(t)
	w.lies(nil)
	w.polls(t)
	w.polls(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.confirmed) != 1 || w.confirmed[0] != "tv "+it.Number+" "+it.Digest {
		t.Errorf("confirmed %v", w.confirmed)
	}
}

// TestPlayerPage: the browser gets our own page, script and style, and nothing else.
func TestPlayerPage(t *testing.T) {
	w := newWallBox(t)
	for path, want := range map[string]int{"": 200, "player.js": 200, "player.css": 200, "site.css": 404, "feed.json": 404, "pages/x": 410} {
		if got := w.ask("GET", path, ""); got.Code != want {
			t.Errorf("%q: %d, want %d", path, got.Code, want)
		}
	}
	page := w.ask("GET", "", "")
	if !strings.Contains(page.Body.String(), `<p id="neutral">大厅</p>`) || page.Header().Get("Content-Security-Policy") != wallPolicy {
		t.Errorf("%+v %s", page.Header(), page.Body.String())
	}
}

// TestPlayerRead: a well-signed list that says something else than a list for this screen is refused.
func TestPlayerRead(t *testing.T) {
	s := testSigner(t)
	j := &judge{channel: "tv", keys: s.public}
	at := publishtest.Start
	good := screen.Playlist{V: 1, Channel: "tv", Kind: "tv", State: "live", Sequence: 1, Issued: at, Lease: at.Add(time.Minute), Items: []screen.PlaylistItem{}}
	sent := func(l any) []byte {
		raw, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		key, sig := s.Sign(append([]byte(listDomain), raw...))
		b, err := json.Marshal(sentList{raw, key, sig})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if _, err := j.read(sent(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*screen.Playlist){
		"version": func(l *screen.Playlist) { l.V = 2 }, "channel": func(l *screen.Playlist) { l.Channel = "kiosk" },
		"kind": func(l *screen.Playlist) { l.Kind = "led" }, "no lease": func(l *screen.Playlist) { l.Lease = at },
		"long lease": func(l *screen.Playlist) { l.Lease = at.Add(24*time.Hour + 1) },
		"hash": func(l *screen.Playlist) {
			l.Items = []screen.PlaylistItem{{Pages: []screen.PlaylistPage{{SHA256: "../../x"}}}}
		},
	} {
		l := good
		change(&l)
		if _, err := j.read(sent(l)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := j.read(sent(map[string]any{"v": 1, "unheard_of": true})); err == nil {
		t.Error("an unknown field was taken")
	}
	unsigned := s.key.Sign([]byte(`{}`))
	if _, err := j.read([]byte(`{"playlist":{},"key":"` + s.Key() + `","sig":"` + unsigned + `"}`)); err == nil {
		t.Error("a signature over something else was taken")
	}
}

// FuzzPlaylist: nothing that our key did not sign is ever taken.
func FuzzPlaylist(f *testing.F) {
	j := &judge{channel: "tv", keys: ledger.PublicKeys{}}
	f.Add([]byte(`{"playlist":{"v":1},"key":"k","sig":"s"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := j.read(b); err == nil {
			t.Errorf("%q was taken as %+v", b, l)
		}
	})
}

// TestPlayerCommand: the box listens on loopback only and needs a server and a key.
func TestPlayerCommand(t *testing.T) {
	env := environment()
	say(t, env, "player", "--server", "http://127.0.0.1:1").want(t, exitFail, "用法")
	say(t, env, "player", "--server", "http://127.0.0.1:1", "--screen", "k", "--listen", "0.0.0.0:0", "--cache", t.TempDir()).want(t, exitFail, "本机回环地址")
	say(t, env, "player", "--server", "ftp://x", "--screen", "k", "--cache", t.TempDir()).want(t, exitFail, "服务器地址")
	say(t, env, "player", "--server", "http://x", "--screen", "k", "--key", "none", "--cache", t.TempDir()).want(t, exitFail, "none")
}

// TestE2EPlayerBox: a browser on the box shows the stored page, and the neutral one within ten seconds of a takedown.
func TestE2EPlayerBox(t *testing.T) {
	chromium := findBrowser()
	if chromium == nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is needed")
		}
		t.Skip("chromium is not installed: the box was not tried in a browser")
	}
	w := newWallBox(t)
	w.Publish(1, true, publishtest.Notice("放假通知", "tv"))
	w.polls(t)
	face := httptest.NewServer(w.face)
	defer face.Close()
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium.path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	defer stop()
	ctx, end := chromedp.NewContext(ctx)
	defer end()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(face.URL+"/channels/tv/")); err != nil {
		t.Fatal(err)
	}
	until := func(what, script string) {
		for range 100 {
			ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
			if err != nil {
				t.Fatal(what, err)
			}
			if ok {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s: not within ten seconds", what)
	}
	until("shown", `!!document.querySelector('iframe.on') && document.querySelector('iframe.on').contentDocument.querySelector('h1').textContent === '放假通知' && neutral.hidden`)
	w.Suspend(1)
	w.polls(t)
	until("taken down", `document.querySelectorAll('iframe').length === 0 && !neutral.hidden && neutral.textContent === '大厅'`)
	w.polls(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.confirmed) > 0 {
		t.Errorf("what was gone when the receipt came was confirmed: %v", w.confirmed)
	}
}
