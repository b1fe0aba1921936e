package gate

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"qingyang/workflow"
)

// The policies. PagePolicy is for pages with our own scripts; DataPolicy for what no browser should run.
const (
	PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
	DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
)

// normalLimit is the most bytes of a body where the route says nothing.
const normalLimit = 1 << 20

func headers(c *Call, f Face, r Route) {
	h := c.Response().Header()
	policy := r.Policy
	if policy == "" {
		policy = f.Policy
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if c.IsTLS() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if r.Audience.kind != "public" {
		h.Set("Cache-Control", "no-store")
	}
}

// admit lets c through to r or says why not: who asks, whether the route is for them, and whether a write comes from
// their own page.
func (g *Gate) admit(c *Call, r Route) error {
	limit := r.Limit
	if limit == 0 {
		limit = normalLimit
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
	if !plainPath(c) || !r.Audience.Declared() {
		return workflow.ErrMissing
	}
	if err := g.identify(c, r); err != nil {
		return err
	}
	if !r.Audience.Admits(c.Actor) {
		return workflow.ErrMissing
	}
	if r.writes() {
		if err := ownPage(c, r); err != nil {
			return g.foreign(c, err)
		}
	}
	_, err := query(c, r.Query)
	return err
}

// identify finds the actor. Nobody is turned away before that: somebody who can sign in is let in, whatever strangers at the
// same address did, and what a stranger costs until then is a look at a counter.
func (g *Gate) identify(c *Call, r Route) error {
	if r.Audience.kind == "public" {
		return nil
	}
	k, err := c.Cookie(SessionCookie)
	if err != nil || k.Value == "" {
		return workflow.ErrCredentials
	}
	c.Token = k.Value
	c.Actor, c.Session, err = g.People.Actor(c.Request().Context(), k.Value, c.Address())
	return err
}

// plainPath reports whether the path is text that a database can hold.
func plainPath(c *Call) bool {
	p := c.Request().URL.Path
	return utf8.ValidString(p) && !strings.ContainsRune(p, 0)
}

var errForeign = errors.New("request comes from another site or without its session's token")

// ownPage refuses a write that another site's page sent. A write on a public route uses no session, so it needs no token.
func ownPage(c *Call, r Route) error {
	q := c.Request()
	if o := q.Header.Get("Origin"); o != "" {
		if u, err := url.Parse(o); err != nil || u.Host == "" || !strings.EqualFold(u.Host, q.Host) {
			return errForeign
		}
	}
	if s := q.Header.Get("Sec-Fetch-Site"); s == "cross-site" || s == "same-site" {
		return errForeign
	}
	if r.Audience.kind == "public" {
		return nil
	}
	return ownToken(c)
}

// foreign puts a signed-in person's request from a foreign page on the log.
func (g *Gate) foreign(c *Call, err error) error {
	if errors.Is(err, errForeign) && c.SignedIn() {
		return errors.Join(err, g.People.Refused(c.Request().Context(), c.Actor, workflow.Request, "csrf"))
	}
	return err
}

func ownToken(c *Call) error {
	got := c.Request().Header.Get(TokenHeader)
	if got == "" {
		vs, err := c.form()
		if err != nil {
			return err
		}
		got = vs.Get(TokenField)
	}
	if c.Session.CSRF == "" || subtle.ConstantTimeCompare([]byte(got), []byte(c.Session.CSRF)) != 1 {
		return errForeign
	}
	return nil
}
