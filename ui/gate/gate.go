// Package gate says who asks and whether they may: sessions, routes with their audience, strict binding, errors to answers.
// The faces import it; it imports none of them, and ui mounts them all.
package gate

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"qingyang/workflow"
)

// People finds who is signed in. It is what the gate needs of workflow.Desk.
type People interface {
	Actor(ctx context.Context, token, address string) (workflow.Actor, workflow.Session, error)
	// Refused puts a refusal on the audit log that no item is concerned with.
	Refused(ctx context.Context, a workflow.Actor, e workflow.Event, code string) error
}

// Config is what a Gate works with.
type Config struct {
	People People
	Now    func() time.Time
	Rand   io.Reader // nil: crypto/rand
	Log    *slog.Logger
	// Proxies are the networks of the house's own proxies: only what they say of whom they speak for is believed.
	Proxies []netip.Prefix
}

// Face is one way to draw answers: pages, JSON, screens. A path that no route has is drawn by the face with the longest
// Prefix of it.
type Face struct {
	Prefix string
	Policy string // Content-Security-Policy of its answers
	Draw   func(c *Call, p Problem) error
}

// Gate lets requests through to the routes mounted on it and answers for those that fail.
type Gate struct {
	Config
	echo  *echo.Echo
	faces []Face
	flood *flood
}

// New returns a Gate without routes.
func New(k Config) *Gate {
	if k.Rand == nil {
		k.Rand = rand.Reader
	}
	g := &Gate{Config: k, echo: echo.New(), flood: newFlood(k.Now)}
	g.echo.HideBanner, g.echo.HidePort = true, true
	g.echo.IPExtractor = func(r *http.Request) string { return caller(r, k.Proxies) }
	g.echo.HTTPErrorHandler = g.unrouted
	return g
}

// Mount adds routes drawn by f; each GET answers HEAD too, whose body the server drops. A route whose audience is undeclared
// answers 404 to everybody.
func (g *Gate) Mount(f Face, rs ...Route) {
	g.faces = append(g.faces, f)
	for _, r := range rs {
		g.echo.Add(r.Method, r.Path, g.handler(f, r))
		if r.Method == http.MethodGet {
			g.echo.Add(http.MethodHead, r.Path, g.handler(f, r))
		}
	}
}

// ServeHTTP answers one request.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.echo.ServeHTTP(w, r) }

// formBack marks in the log a form that came back with its faults and the typed text; it is no reason and has no words.
const formBack = "form"

func (g *Gate) handler(f Face, r Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := g.call(ec)
		headers(c, f, r)
		err := g.admit(c, r)
		if err == nil {
			err = g.serve(c, r)
		}
		switch status := c.Response().Status; {
		case err != nil:
			g.answer(c, f, r, err)
		case r.writes() && status >= http.StatusBadRequest: // the handler drew its form again, with what was typed
			g.note(c, Problem{Status: status, Code: formBack, Number: c.Number}, nil)
		}
		return nil
	}
}

// serve calls the handler and turns a panic into an error that has the stack.
func (g *Gate) serve(c *Call, r Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.Serve(c)
}

// unrouted answers for paths that no route has.
func (g *Gate) unrouted(err error, ec echo.Context) {
	best := Face{Policy: DataPolicy, Draw: JSON}
	for _, f := range g.faces {
		if strings.HasPrefix(ec.Request().URL.Path, f.Prefix) && len(f.Prefix) > len(best.Prefix) {
			best = f
		}
	}
	c := g.call(ec)
	headers(c, best, Route{})
	g.recognize(c)
	g.answer(c, best, Route{Method: ec.Request().Method}, err)
}

// recognize finds who asks for what is not there, so that the answer has the way on from it. Nothing depends on it.
func (g *Gate) recognize(c *Call) {
	k, err := c.Cookie(SessionCookie)
	if err != nil {
		return
	}
	if a, s, err := g.People.Actor(c.Request().Context(), k.Value, c.Address()); err == nil {
		c.Token, c.Actor, c.Session = k.Value, a, s
	}
}

func (g *Gate) call(ec echo.Context) *Call {
	c := &Call{Context: ec, Words: language(ec.Request()), Number: g.number()}
	c.Response().Header().Set("X-Request-Id", c.Number)
	return c
}

var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// number returns eight letters that a person can read out on the telephone.
func (g *Gate) number() string {
	var b [5]byte
	if _, err := io.ReadFull(g.Rand, b[:]); err != nil {
		return "00000000"
	}
	return letters.EncodeToString(b[:])
}

// answer draws err and writes one line to the log, which has the same number.
func (g *Gate) answer(c *Call, f Face, r Route, err error) {
	p := tell(c, err)
	if k := lane(c, r, p.Status); k != "" && !g.flood.take(k) {
		p = tell(c, tooMany(g.flood.wait(k)))
	}
	g.note(c, p, err)
	if c.Response().Committed {
		return
	}
	if p.Retry > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(p.Retry.Seconds())))
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized && c.Token != "" {
		c.End()
	}
	if err := f.Draw(c, p); err != nil {
		g.Log.ErrorContext(c.Request().Context(), "answer not drawn", slog.String("number", c.Number), slog.Any("error", err))
	}
}

// note writes the refusal to the program's log; what a person did wrong is information, what we did is an error.
func (g *Gate) note(c *Call, p Problem, err error) {
	ctx, level := c.Request().Context(), slog.LevelInfo
	if p.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		level = slog.LevelError
	}
	g.Log.LogAttrs(ctx, level, "request refused",
		slog.String("number", p.Number), slog.Int("status", p.Status), slog.String("code", p.Code),
		slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.String("person", c.Actor.ID),
		slog.String("address", c.Address()), slog.Any("error", err))
}
