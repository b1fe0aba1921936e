package screen_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qingyang/ui/gate"
	"qingyang/ui/screen"
	"qingyang/workflow"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type nobody struct{}

func (nobody) Actor(context.Context, string, string) (workflow.Actor, workflow.Session, error) {
	return workflow.Actor{}, workflow.Session{}, workflow.ErrCredentials
}

func (nobody) Refused(context.Context, workflow.Actor, workflow.Event, string) error { return nil }

type site struct {
	*publishtest.World
	gate      *gate.Gate
	confirmed []string
}

func open(t testing.TB) *site {
	t.Helper()
	w := &site{World: publishtest.New()}
	quiet := slog.New(slog.DiscardHandler)
	w.gate = gate.New(gate.Config{People: nobody{}, Now: w.Now, Log: quiet})
	s := screen.New(screen.Parts{
		Origin: origin, Shelf: publish.NewShelf(w.Parts()), Signer: w, Now: w.Now, Log: quiet,
		Confirm: func(_ context.Context, channel, number, digest string) error {
			w.confirmed = append(w.confirmed, channel+" "+number+" "+digest)
			return nil
		},
	})
	w.gate.Mount(s.Face(), s.Routes()...)
	return w
}

// origin is what the server is configured with; requests ask for another host.
const origin = "https://public.example"

type answer struct {
	status int
	header http.Header
	body   string
}

// get asks with the key of a screen; headers are name and value in turn. Half a second passes first, so that a board read
// before is not used again.
func (w *site) get(path string, headers ...string) answer {
	w.Pass(500 * time.Millisecond)
	return w.ask(http.MethodGet, path, "", headers...)
}

func (w *site) ask(method, path, body string, headers ...string) answer {
	q := httptest.NewRequest(method, "http://gov.example"+path, strings.NewReader(body))
	q.Header.Set(screen.KeyHeader, "demo-"+strings.Split(path, "/")[2])
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	r := httptest.NewRecorder()
	w.gate.ServeHTTP(r, q)
	return answer{r.Code, r.Header(), r.Body.String()}
}

func number(id int) string { return fmt.Sprintf("滨政服审〔2026〕%d号", id) }

func itemPath(channel string, id int) string {
	return "/channels/" + channel + "/items/" + url.PathEscape(number(id))
}

func TestPortal(t *testing.T) {
	w := open(t)
	sha := w.Blob([]byte("名单"))
	file := workflow.Attachment{ID: "a1", Name: "名单.xlsx", Media: "application/zip", Size: 6, SHA256: sha, Scan: "off"}
	w.Publish(1, true, publishtest.Notice("放假通知", "portal"), file)
	w.Publish(2, false, publishtest.Notice("未上线", "portal"))
	home := w.get("/channels/portal/")
	if home.status != 200 || !strings.Contains(home.body, "放假通知") || strings.Contains(home.body, "未上线") ||
		!strings.Contains(home.body, itemPath("portal", 1)) || home.header.Get("Cache-Control") != "no-store" {
		t.Errorf("home: %+v", home)
	}
	for _, path := range []string{itemPath("portal", 1), "/channels/portal/items/" + strings.ToLower(url.PathEscape(number(1)))} {
		it := w.get(path)
		if it.status != 200 || !strings.Contains(it.body, "<p>放假通知的正文。</p>") || !strings.Contains(it.body, `href="files/`+sha) ||
			!strings.Contains(it.body, "2026-10-01 09:00") {
			t.Errorf("%s: %+v", path, it)
		}
	}
	f := w.get("/channels/portal/items/files/" + sha)
	if f.status != 200 || f.body != "名单" || f.header.Get("Content-Disposition") != "attachment; filename*=utf-8''%E5%90%8D%E5%8D%95.xlsx" ||
		f.header.Get("Content-Security-Policy") != gate.DataPolicy {
		t.Errorf("file: %+v", f)
	}
	for path, want := range map[string]int{
		"/channels/portal/columns/notice": 200, "/channels/portal/columns/none": 404, itemPath("portal", 2): 404, itemPath("portal", 9): 404,
		"/channels/none/": 404, "/channels/portal/items/files/" + strings.Repeat("0", 64): 404, "/channels/portal/current.txt": 404,
		"/channels/portal": 301, "/channels/portal/?x=1": 400, "/channels/portal/site.css": 200, "/channels/portal/icon.svg": 200, "/channels/portal/items/%zz": 404,
	} {
		if strings.Contains(path, "%zz") {
			continue
		}
		if got := w.get(path); got.status != want {
			t.Errorf("%s: %d, want %d: %s", path, got.status, want, got.body)
		}
	}
}

// TestOldItem: what is too old to be listed keeps its page and its files, and they are proven like the others.
func TestOldItem(t *testing.T) {
	w := open(t)
	sha := w.Blob([]byte("名单"))
	w.Publish(1, true, publishtest.Notice("老通知", "portal"), workflow.Attachment{ID: "a1", Name: "名单.xlsx", Media: "application/zip", Size: 6, SHA256: sha, Scan: "off"})
	for i := range 200 {
		w.Publish(workflow.ItemID(i+2), true, publishtest.Notice("新通知", "portal"))
	}
	path, file := itemPath("portal", 1), "/channels/portal/items/files/"+sha
	if got := w.get("/channels/portal/sitemap.xml"); strings.Contains(got.body, path) {
		t.Error("the old item is listed")
	}
	if got := w.get(path); got.status != 200 || !strings.Contains(got.body, "老通知的正文") {
		t.Errorf("page: %d", got.status)
	}
	for referer, want := range map[string]int{"": 404, "http://gov.example" + path: 200, "http://gov.example" + itemPath("portal", 2): 404} {
		if got := w.get(file, "Referer", referer); got.status != want {
			t.Errorf("file from %q: %d, want %d", referer, got.status, want)
		}
	}
	w.Suspend(1)
	if got := w.get(file, "Referer", "http://gov.example"+path); got.status != 404 {
		t.Errorf("file after a takedown: %d", got.status)
	}
}

// TestTakenDown: half a second after a takedown nothing that the public or a screen can fetch has a word of it.
func TestTakenDown(t *testing.T) {
	w := open(t)
	sha := w.Blob([]byte("秘密名单"))
	file := workflow.Attachment{ID: "a1", Name: "秘密名单.xlsx", Media: "application/zip", Size: 12, SHA256: sha, Scan: "off"}
	c := w.Publish(1, true, publishtest.Notice("秘密", "portal", "led", "tv", "kiosk"), file)
	paths := []string{"/channels/portal/", "/channels/portal/columns/notice", "/channels/portal/items/files/" + sha}
	for _, ch := range []string{"portal", "led", "tv", "kiosk"} {
		for _, p := range []string{"feed.json", "rss.xml", "sitemap.xml", "playlist.json"} {
			paths = append(paths, "/channels/"+ch+"/"+p)
		}
		paths = append(paths, itemPath(ch, 1))
	}
	paths = append(paths, "/channels/led/current.txt")
	for _, r := range c.Revision.Renditions {
		paths = append(paths, "/channels/"+r.Channel+"/pages/"+r.SHA256)
	}
	before := map[string]answer{}
	for _, p := range paths {
		if before[p] = w.get(p); before[p].status != 200 {
			t.Errorf("%s before: %d", p, before[p].status)
		}
	}
	strip := w.get("/channels/led/current.png").body
	w.Suspend(1)
	for _, p := range paths {
		got := w.get(p, "If-None-Match", before[p].header.Get("ETag"))
		if strings.Contains(got.body, "秘密") || strings.Contains(got.body, c.Item.Digest) || got.status == http.StatusNotModified {
			t.Errorf("%s after: %d %s", p, got.status, got.body)
		}
	}
	if got := w.get("/channels/led/current.png").body; got == strip {
		t.Error("strip is the same")
	}
	if got := w.get(itemPath("portal", 1)); got.status != 410 || !strings.Contains(got.body, "内容已撤下") {
		t.Errorf("tombstone: %+v", got)
	}
	if got := w.get(itemPath("portal", 1), "Accept", "application/json"); got.status != 410 || got.body != `{"number":"`+number(1)+`","state":"gone"}`+"\n" {
		t.Errorf("tombstone for programs: %+v", got)
	}
	if got := w.get("/channels/portal/feed.json"); got.status != 200 || !strings.Contains(got.body, `"items":[]`) {
		t.Errorf("feed: %+v", got)
	}
}

func TestHalted(t *testing.T) {
	w := open(t)
	w.Publish(1, true, publishtest.Notice("通知", "portal", "led", "tv"))
	for _, ch := range []string{"portal", "led", "tv"} {
		w.SetState(ch, workflow.ChannelHalted)
	}
	for path, want := range map[string]struct {
		status int
		words  string
	}{
		"/channels/portal/":               {503, "系统维护中"},
		"/channels/portal/columns/notice": {503, "系统维护中"},
		itemPath("portal", 1):             {503, "系统维护中"},
		"/channels/portal/feed.json":      {200, `"items":[]`},
		"/channels/portal/rss.xml":        {200, "<channel>"},
		"/channels/led/current.txt":       {200, "本屏维护中，请到服务台咨询。\n"},
		"/channels/tv/playlist.json":      {200, `"state":"halted"`},
		"/channels/tv/":                   {200, "player.js"},
	} {
		got := w.get(path)
		if got.status != want.status || !strings.Contains(got.body, want.words) || strings.Contains(got.body, "通知的") || strings.Contains(got.body, number(1)) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if img, err := png.Decode(strings.NewReader(w.get("/channels/led/current.png").body)); err != nil || img.Bounds().Dx() != 14*48 {
		t.Errorf("maintenance strip: %v", err)
	}
}

func TestKeys(t *testing.T) {
	w := open(t)
	for _, x := range []struct {
		path, header, value string
		status              int
	}{
		{"/channels/tv/playlist.json", screen.KeyHeader, "", 401},
		{"/channels/tv/playlist.json", screen.KeyHeader, "demo-kiosk", 401},
		{"/channels/tv/playlist.json", screen.KeyHeader, "demo-tv", 200},
		{"/channels/portal/playlist.json", screen.KeyHeader, "", 200},
		{"/channels/tv/", screen.KeyHeader, "", 401},
		{"/channels/tv/player.js", screen.KeyHeader, "", 200},
		{"/channels/tv/?key=wrong", screen.KeyHeader, "demo-tv", 401},
	} {
		if got := w.get(x.path, x.header, x.value); got.status != x.status {
			t.Errorf("%s with %q: %d, want %d", x.path, x.value, got.status, x.status)
		}
	}
	got := w.get("/channels/tv/?key=demo-tv", screen.KeyHeader, "")
	cookie := got.header.Get("Set-Cookie")
	if got.status != 303 || got.header.Get("Location") != "/channels/tv/" || !strings.HasPrefix(cookie, "qingyang_screen_tv=demo-tv; Path=/channels/tv/; ") ||
		!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("key in the address: %+v", got)
	}
	if got := w.get("/channels/tv/playlist.json", screen.KeyHeader, "", "Cookie", "qingyang_screen_tv=demo-tv"); got.status != 200 {
		t.Errorf("with the cookie: %d", got.status)
	}
	if got := w.get("/channels/kiosk/playlist.json", screen.KeyHeader, "", "Cookie", "qingyang_screen_kiosk=demo-tv"); got.status != 401 {
		t.Errorf("with another screen's cookie: %d", got.status)
	}
}

type envelope struct {
	Playlist json.RawMessage
	Key, Sig string
}

func (w *site) list(t *testing.T) (screen.Playlist, answer) {
	t.Helper()
	got := w.get("/channels/tv/playlist.json")
	var e envelope
	var p screen.Playlist
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err)
	}
	if !w.Verify(e.Key, append([]byte("qingyang playlist v1\n"), e.Playlist...), e.Sig) {
		t.Error("signature of the playlist does not hold")
	}
	if err := json.Unmarshal(e.Playlist, &p); err != nil {
		t.Fatal(err)
	}
	return p, got
}

func TestPlaylist(t *testing.T) {
	w := open(t)
	c := w.Publish(1, true, publishtest.Notice("通知", "tv"))
	p, got := w.list(t)
	sha := c.Revision.Renditions[0].SHA256
	until := publishtest.Start.AddDate(0, 0, 30)
	want := screen.Playlist{
		V: 1, Channel: "tv", Kind: "tv", State: "live", Sequence: p.Issued.UnixMicro(), Issued: w.Now(), Lease: w.Now().Add(time.Minute),
		Items: []screen.PlaylistItem{{
			Number: number(1), Title: "通知", Digest: c.Item.Digest, From: publishtest.Start, Until: &until,
			Pages: []screen.PlaylistPage{{URL: "/channels/tv/pages/" + sha, Name: "page.html", Media: "text/html; charset=utf-8", SHA256: sha, Seconds: 12}},
		}},
	}
	if jsonOf(t, p) != jsonOf(t, want) || got.header.Get("X-Config-Version") != "1" {
		t.Errorf("got\n%s\nwant\n%s", jsonOf(t, p), jsonOf(t, want))
	}
	page := w.get(p.Items[0].Pages[0].URL)
	sum := sha256.Sum256([]byte(page.body))
	if page.status != 200 || hex.EncodeToString(sum[:]) != sha || !strings.Contains(page.header.Get("Content-Security-Policy"), "style-src 'sha256-") ||
		page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("page: %+v", page)
	}
	if again := w.get("/channels/tv/playlist.json", "If-None-Match", got.header.Get("ETag")); again.status != 304 || again.body != "" {
		t.Errorf("asked again: %+v", again)
	}
	w.Pass(15 * time.Second)
	q, renewed := w.list(t)
	if q.Sequence <= p.Sequence || !q.Lease.After(p.Lease) || renewed.header.Get("ETag") == got.header.Get("ETag") {
		t.Errorf("renewed: %+v", q)
	}
	w.Suspend(1)
	r, _ := w.list(t)
	if r.Sequence <= q.Sequence || len(r.Items) != 0 {
		t.Errorf("after a takedown: %+v", r)
	}
	if gone := w.get(p.Items[0].Pages[0].URL); gone.status != 410 || strings.Contains(gone.body, "通知") {
		t.Errorf("page after a takedown: %+v", gone)
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWindowEndsOnABoard: a board read just before the end of a window shows nothing after it.
func TestWindowEndsOnABoard(t *testing.T) {
	w := open(t)
	n := publishtest.Notice("通知", "tv", "led")
	until := publishtest.Start.Add(600 * time.Millisecond)
	n.Channels[0].Until, n.Channels[1].Until = &until, &until
	w.Publish(1, true, n)
	p, _ := w.list(t)
	if line := w.ask("GET", "/channels/led/current.txt", ""); len(p.Items) != 1 || line.body == "" {
		t.Fatalf("before: %+v, %q", p, line.body)
	}
	w.Pass(100 * time.Millisecond)
	if got := w.ask("GET", "/channels/tv/playlist.json", ""); strings.Contains(got.body, number(1)) {
		t.Errorf("after: %s", got.body)
	}
	if got := w.ask("GET", "/channels/led/current.txt", ""); got.body != "" {
		t.Errorf("after: %q", got.body)
	}
}

func TestLED(t *testing.T) {
	w := open(t)
	w.Publish(1, true, publishtest.Notice("甲", "led"))
	w.Publish(2, true, publishtest.Notice("乙", "led"))
	if got := w.get("/channels/led/current.txt"); got.body != "乙　　乙的摘要\n甲　　甲的摘要\n" || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("text: %+v", got)
	}
	img, err := png.Decode(strings.NewReader(w.get("/channels/led/current.png").body))
	if err != nil || img.Bounds().Dx() != 2*7*48+96 || img.Bounds().Dy() != 64 {
		t.Errorf("picture: %v %v", img.Bounds(), err)
	}
}

func TestChangedBlob(t *testing.T) {
	w := open(t)
	c := w.Publish(1, true, publishtest.Notice("甲", "portal", "tv", "led"))
	for _, r := range c.Revision.Renditions {
		w.Spoil(r.SHA256, []byte("57365线路检测中心"))
	}
	for _, path := range []string{
		itemPath("portal", 1), "/channels/portal/feed.json", "/channels/led/current.txt", "/channels/tv/pages/" + c.Revision.Renditions[1].SHA256,
		"/channels/led/current.png",
	} {
		if got := w.get(path); strings.Contains(got.body, "57365") {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	if got := w.get(itemPath("portal", 1)); got.status != 500 {
		t.Errorf("item: %d", got.status)
	}
}
