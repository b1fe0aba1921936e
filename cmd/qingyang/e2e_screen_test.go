package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"

	"qingyang/workflow"
)

// fetch asks as a screen or, without a key, as the public. It returns status and body.
func (s *story) fetch(path, key string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Screen-Key", key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

func hash(b string) string {
	sum := sha256.Sum256([]byte(b))
	return hex.EncodeToString(sum[:])
}

// stored returns the renditions of the item, by channel and name, with their bytes as the reviewer's preview has them. The
// preview must show what the manifest names.
func (s *story) stored() map[string]map[string]string {
	s.t.Helper()
	var it struct{ Renditions []workflow.Rendition }
	if err := s.viewer.call("GET", fmt.Sprint("/api/v1/items/", s.id), nil, &it); err != nil {
		s.t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, r := range it.Renditions {
		a, err := s.viewer.http.Get(s.url + s.path("/preview/"+r.Channel+"/"+r.Name))
		if err != nil {
			s.t.Fatal(err)
		}
		b, err := io.ReadAll(a.Body)
		a.Body.Close()
		if r.Channel == "portal" { // a part of a page: the preview frames it in a sheet of its own
			_, inner, _ := bytes.Cut(b, []byte("<body>"))
			b = bytes.TrimSuffix(inner, []byte("</body></html>"))
		}
		if err != nil || hash(string(b)) != r.SHA256 || int64(len(b)) != r.Size {
			s.t.Errorf("preview of %s %s: %d bytes of %s, stored are %d of %s (%v)", r.Channel, r.Name, len(b), hash(string(b)), r.Size, r.SHA256, err)
		}
		if out[r.Channel] == nil {
			out[r.Channel] = map[string]string{}
		}
		out[r.Channel][r.Name] = string(b)
	}
	return out
}

// screens holds what the public sees on all four channels against the stored bytes.
func (s *story) screens() {
	stored := s.stored()
	s.portal(stored["portal"])
	s.strip(stored["led"])
	for _, ch := range []string{"tv", "kiosk"} {
		s.player(ch, stored[ch])
	}
	led := s.window("led")
	led.open("/channels/led/?key=demo-led")
	led.until("dots on the strip", `(()=>{const c=document.querySelector('canvas');return !!c&&c.getContext('2d').getImageData(0,0,c.width,c.height).data.some((v,i)=>i%4<3&&v>0)})()`)
	led.picture("led-player")
	s.staff["led"] = led
	for _, path := range []string{"/preview", "/form", "/trail", "/files"} {
		w := s.at("wu")
		w.open(s.path(path))
		w.picture("item" + strings.ReplaceAll(path, "/", "-"))
	}
}

func (s *story) portal(stored map[string]string) {
	blob := stored["page.html"]
	status, page := s.fetch("/channels/portal/items/"+s.number, "")
	if status != http.StatusOK || blob == "" || !strings.Contains(page, blob) {
		s.t.Errorf("portal page: %d, the stored rendition is not in it", status)
	}
	var feed struct {
		Version string
		Items   []struct {
			Content string                          `json:"content_html"`
			Own     struct{ Number, Digest string } `json:"_qingyang"`
		}
	}
	_, body := s.fetch("/channels/portal/feed.json", "")
	if err := json.Unmarshal([]byte(body), &feed); err != nil {
		s.t.Fatal(err)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || len(feed.Items) != 1 || feed.Items[0].Own.Number != s.number {
		s.t.Fatalf("feed: %s", body)
	}
	if got := strings.ReplaceAll(feed.Items[0].Content, `="`+s.url+`/channels/portal/items/files/`, `="files/`); hash(got) != hash(blob) {
		s.t.Errorf("the feed has %q, stored is %q", got, blob)
	}
	w := s.window("public")
	w.open("/channels/portal/")
	w.picture("portal-home")
	w.follow(`ul.lines a`)
	if !strings.Contains(w.text("main"), s.title) {
		s.t.Errorf("the portal shows %q", w.text("body"))
	}
	w.picture("portal-item")
	s.staff["public"] = w
}

func (s *story) strip(stored map[string]string) {
	if _, text := s.fetch("/channels/led/current.txt", "demo-led"); hash(text) != hash(stored["strip.txt"]) {
		s.t.Errorf("strip says %q, stored is %q", text, stored["strip.txt"])
	}
	if status, _ := s.fetch("/channels/led/current.txt", "wrong"); status != http.StatusUnauthorized {
		s.t.Errorf("a strip with a wrong key gets %d", status)
	}
	_, dots := s.fetch("/channels/led/current.png", "demo-led")
	got, err := png.Decode(strings.NewReader(dots))
	if err != nil {
		s.t.Fatal(err)
	}
	want, err := png.Decode(strings.NewReader(stored["strip.png"]))
	if err != nil {
		s.t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() || !bytes.Equal(pixels(got), pixels(want)) {
		s.t.Errorf("the strip's dots of %v differ from the stored ones of %v", got.Bounds(), want.Bounds())
	}
}

func pixels(m image.Image) []byte {
	b := m.Bounds()
	out := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := m.At(x, y).RGBA()
			out = append(out, byte(r>>8), byte(g>>8), byte(bl>>8))
		}
	}
	return out
}

// player holds the playlist's pages and what the browser of a screen frames against the stored bytes.
func (s *story) player(ch string, stored map[string]string) {
	key := "demo-" + ch
	_, body := s.fetch("/channels/"+ch+"/playlist.json", key)
	var list struct {
		Playlist struct {
			Items []struct {
				Pages []struct{ URL, Name, SHA256 string }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Playlist.Items) != 1 {
		s.t.Fatalf("playlist of %s: %v %s", ch, err, body)
	}
	var urls []string
	got := map[string]string{}
	for _, p := range list.Playlist.Items[0].Pages {
		_, page := s.fetch(p.URL, key)
		if hash(page) != p.SHA256 {
			s.t.Errorf("%s page %s is not what the playlist names", ch, p.Name)
		}
		got[p.Name] = page
		urls = append(urls, p.URL)
	}
	if len(got) != len(stored) {
		s.t.Errorf("%s plays %d pages, stored are %d", ch, len(got), len(stored))
	}
	for name, page := range got {
		if page != stored[name] {
			s.t.Errorf("%s %s is not the stored rendition", ch, name)
		}
	}
	w := s.window(ch)
	w.open("/channels/" + ch + "/?key=" + key)
	w.until("a page on the "+ch, `!!document.querySelector('#stage iframe.on')`)
	if at := read[string](w, `new URL(document.querySelector('#stage iframe.on').src).pathname`); !slices.Contains(urls, at) {
		s.t.Errorf("the %s frames %s, which the playlist does not have", ch, at)
	}
	w.picture(ch + "-player")
	s.staff[ch] = w
}

// dark is one place with how to tell that the item is gone from it.
type dark struct {
	name  string
	holds func() bool
}

func (s *story) darkness() []dark {
	empty := func(path, key, without string) func() bool {
		return func() bool {
			status, body := s.fetch(path, key)
			return status == http.StatusOK && !strings.Contains(body, without)
		}
	}
	neutral := func(ch string) func() bool {
		return func() bool {
			return read[bool](s.staff[ch], `!document.querySelector('#neutral').hidden && !document.querySelector('#stage iframe')`)
		}
	}
	return []dark{
		{"portal page", func() bool {
			status, body := s.fetch("/channels/portal/items/"+s.number, "")
			return status == http.StatusGone && !strings.Contains(body, s.title)
		}},
		{"portal home", empty("/channels/portal/", "", s.number)},
		{"JSON Feed", empty("/channels/portal/feed.json", "", s.number)},
		{"RSS", empty("/channels/portal/rss.xml", "", s.title)},
		{"sitemap", empty("/channels/portal/sitemap.xml", "", "/items/")},
		{"strip", func() bool { _, b := s.fetch("/channels/led/current.txt", "demo-led"); return b == "" }},
		{"tv playlist", empty("/channels/tv/playlist.json", "demo-tv", s.number)},
		{"kiosk playlist", empty("/channels/kiosk/playlist.json", "demo-kiosk", s.number)},
		{"tv", neutral("tv")},
		{"kiosk", neutral("kiosk")},
		{"strip's player", func() bool { return read[bool](s.staff["led"], `!document.querySelector('#neutral').hidden`) }},
	}
}
