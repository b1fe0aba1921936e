package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/ui"
	"qingyang/ui/gate"
	"qingyang/ui/screen"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

// wallBox is a box on the wall with a server that a test may take away or lie for, and clocks that it sets.
type wallBox struct {
	*publishtest.World
	*box
	face http.Handler
	dir  string
	srv  *httptest.Server

	mu        sync.Mutex
	lie       func(w http.ResponseWriter, r *http.Request, honest http.Handler) // nil: the server is honest
	confirmed []string
	wall      time.Time
	mono      time.Duration
}

func newWallBox(t *testing.T) *wallBox {
	t.Helper()
	w := &wallBox{World: publishtest.New(), dir: t.TempDir()}
	w.wall = w.Now()
	quiet := slog.New(slog.DiscardHandler)
	s := screen.New(screen.Parts{
		Shelf: publish.NewShelf(w.Parts()), Signer: w, Now: w.Now, Log: quiet,
		Confirm: func(_ context.Context, channel, number, digest string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.confirmed = append(w.confirmed, channel+" "+number+" "+digest)
			return nil
		},
	})
	honest := ui.New(gate.Config{People: nobody{}, Now: w.Now, Log: quiet}, s, keyring{w.PublicKeys()})
	w.srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		lie := w.lie
		w.mu.Unlock()
		if lie != nil {
			lie(rw, r, honest)
			return
		}
		honest.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.srv.Close)
	w.restart(t)
	return w
}

// restart makes the box anew from what its folder holds.
func (w *wallBox) restart(t *testing.T) {
	t.Helper()
	k := clock{func() time.Time { return w.wall }, func() time.Duration { return w.mono }}
	b, err := newBox(t.Context(), w.srv.URL, "demo-tv", "tv", w.dir, nil, k, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.box, w.face = b, playerFlags{channel: "tv", title: "大厅", width: 1920, height: 1080}.face(b)
}

func (w *wallBox) lies(f func(http.ResponseWriter, *http.Request, http.Handler)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lie = f
}

// later lets the world's time and the box's pass.
func (w *wallBox) later(d time.Duration) {
	w.Pass(d)
	w.wall, w.mono = w.wall.Add(d), w.mono+d
}

func (w *wallBox) polls(t *testing.T) {
	t.Helper()
	w.later(time.Second)
	w.poll(t.Context())
}

func (w *wallBox) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRecorder()
	q := httptest.NewRequest(method, "http://127.0.0.1/channels/tv/"+path, strings.NewReader(body))
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	w.face.ServeHTTP(r, q)
	return r
}

// shows returns the titles that the browser is told to show.
func (w *wallBox) shows(t *testing.T) string {
	t.Helper()
	l := w.told(t)
	var titles []string
	for _, it := range l.Items {
		titles = append(titles, it.Title)
		for _, p := range it.Pages {
			if got := w.ask("GET", "pages/"+p.SHA256, ""); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), it.Title) {
				t.Errorf("page of %s: %d", it.Title, got.Code)
			}
		}
	}
	return strings.Join(titles, " ")
}

func (w *wallBox) told(t *testing.T) screen.Playlist {
	t.Helper()
	r := w.ask("GET", "playlist.json", "")
	var out struct{ Playlist screen.Playlist }
	if err := json.Unmarshal(r.Body.Bytes(), &out); err != nil || r.Code != http.StatusOK {
		t.Fatal(r.Code, r.Body.String(), err)
	}
	return out.Playlist
}

// want fails unless the screen shows just that; "" is the neutral page.
func (w *wallBox) want(t *testing.T, when, titles string) {
	t.Helper()
	if got := w.shows(t); got != titles {
		t.Errorf("%s: shows %q, want %q", when, got, titles)
	}
}

func (w *wallBox) cached(t *testing.T) int {
	t.Helper()
	n := 0
	if err := w.pages.List(t.Context(), func(string, int64) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}
