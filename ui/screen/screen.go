// Package screen is what the public and the players on the wall fetch: the portal's pages and feeds, the pages and
// playlists of televisions and kiosks, the lines of LED strips. Everything shown comes through proofs of the shelf, made
// no more than half a second before; a halted channel shows its maintenance page and nothing else.
package screen

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/publish"
)

// KeyHeader carries a screen's device key.
const KeyHeader = "X-Screen-Key"

// Parts is what screens are served with. All but Origin must be set.
type Parts struct {
	// Origin is scheme and host of the addresses in feeds; empty for addresses without a host. A request's own Host never gets
	// there: whoever sends one would have it in what readers and search engines keep.
	Origin string
	Shelf  *publish.Shelf
	Signer workflow.Signer // signs playlists
	Now    func() time.Time
	// Confirm is told what a screen says it shows, by register number and digest.
	Confirm func(ctx context.Context, channel, number, digest string) error
	Log     *slog.Logger
}

// Screens answers them. It may be used by many goroutines.
type Screens struct {
	Parts
	mu    sync.Mutex
	slots map[string]*slot
}

// New returns Screens that have read nothing yet.
func New(p Parts) *Screens { return &Screens{Parts: p, slots: map[string]*slot{}} }

const sitePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// playerPolicy lets a player frame the stored pages and ask for the playlist, and run our one script.
const playerPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Face draws what goes wrong here.
func (s *Screens) Face() gate.Face {
	return gate.Face{Prefix: "/channels/", Policy: sitePolicy, Draw: s.problem}
}

// Routes returns the routes. All are public: what is on a screen is no secret, and a screen's key only keeps strangers
// from posing as one.
func (s *Screens) Routes() []gate.Route {
	get := func(path string, f func(*gate.Call, *board) error, query ...string) gate.Route {
		return gate.Route{Method: http.MethodGet, Path: "/channels/:id" + path, Audience: gate.Public, Query: query, Serve: s.on(f)}
	}
	return []gate.Route{
		{Method: http.MethodGet, Path: "/channels/:id", Audience: gate.Public, Query: []string{"key"}, Serve: slash},
		get("/", s.front, "key"),
		get("/columns/:column", s.column),
		get("/items/:number", s.item),
		get("/items/files/:sha", s.file),
		get("/pages/:sha", s.page),
		get("/feed.json", s.jsonFeed),
		get("/rss.xml", s.rss),
		get("/sitemap.xml", s.sitemap),
		get("/playlist.json", s.playlist),
		get("/current.txt", s.stripText),
		get("/current.png", s.stripPicture),
		{Method: http.MethodPost, Path: "/channels/:id/receipts", Audience: gate.Public, Limit: 16 << 10, Policy: gate.DataPolicy, Serve: s.on(s.receipt)},
		asset("site.css", "text/css; charset=utf-8"),
		asset("icon.svg", "image/svg+xml"),
		asset("player.css", "text/css; charset=utf-8"),
		asset("player.js", "text/javascript; charset=utf-8"),
	}
}

func slash(c *gate.Call) error {
	u := url.URL{Path: c.Request().URL.Path + "/", RawQuery: c.Request().URL.RawQuery}
	return c.Redirect(http.StatusMovedPermanently, u.String())
}

// on gives f the board of the channel that the path names, once the caller has shown the key of a screen that has one.
func (s *Screens) on(f func(*gate.Call, *board) error) func(*gate.Call) error {
	return func(c *gate.Call) error {
		b, err := s.board(c.Request().Context(), c.Param("id"))
		if err != nil {
			return err
		}
		if handed, err := admit(c, b.channel); err != nil || handed {
			return err
		}
		return f(c, b)
	}
}

// admit asks for a screen's key. A browser hands it over once in the address: it gets a cookie and is sent on, so that the
// key stays out of histories; handed is true then.
func admit(c *gate.Call, ch workflow.Channel) (handed bool, err error) {
	if ch.Kind == workflow.Portal {
		return false, nil
	}
	name := "qingyang_screen_" + ch.ID
	if key := c.QueryParam("key"); key != "" {
		if !sameKey(key, ch.Key) {
			return false, workflow.ErrCredentials
		}
		c.SetCookie(&http.Cookie{ //nolint:gosec // secure wherever there is TLS; screens on a closed network may have none
			Name: name, Value: key, Path: "/channels/" + ch.ID + "/", MaxAge: 400 * 24 * 3600, HttpOnly: true, Secure: c.IsTLS(),
			SameSite: http.SameSiteStrictMode,
		})
		return true, c.Redirect(http.StatusSeeOther, "/channels/"+url.PathEscape(ch.ID)+"/")
	}
	key := c.Request().Header.Get(KeyHeader)
	if k, err := c.Cookie(name); err == nil && key == "" {
		key = k.Value
	}
	if !sameKey(key, ch.Key) {
		return false, workflow.ErrCredentials
	}
	return false, nil
}

// sameKey never holds for a screen without a key: such a screen is not set up.
func sameKey(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(workflow.KeyHash(got)), []byte(want)) == 1
}

// front is the channel's own page: the portal's home, or the player of a screen.
func (s *Screens) front(c *gate.Call, b *board) error {
	if b.channel.Kind == workflow.Portal {
		return s.home(c, b)
	}
	return s.player(c, b)
}

// gone reports whether err says that an item is not to be seen any more, and not that something failed.
func gone(err error) bool {
	return errors.Is(err, publish.ErrGone) || errors.Is(err, publish.ErrStaleProof) || errors.Is(err, publish.ErrNotApproved)
}
