package screen

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

//go:embed assets
var assets embed.FS

//go:embed templates
var sources embed.FS

var beijing = time.FixedZone("CST", 8*3600)

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"day":    func(t time.Time) string { return t.In(beijing).Format("2006-01-02") },
	"minute": func(t time.Time) string { return t.In(beijing).Format("2006-01-02 15:04") },
	"stamp":  func(t time.Time) string { return t.In(beijing).Format(time.RFC3339) },
}).ParseFS(sources, "templates/*.html"))

// draw sends a page made from data. It is never kept by anyone.
func draw(c *gate.Call, status int, name string, data any) error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, "text/html; charset=utf-8", b.Bytes())
}

// send sends b with its hash as ETag, or 304. Whoever keeps it must ask again each time.
func send(c *gate.Call, media string, b []byte) error {
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, media, b)
}

func matches(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

func asset(name, media string) gate.Route {
	return gate.Route{Method: http.MethodGet, Path: "/channels/:id/" + name, Audience: gate.Public, Serve: func(c *gate.Call) error {
		b, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		return send(c, media, b)
	}}
}

// problem draws what went wrong: a page for people, JSON for programs.
func (s *Screens) problem(c *gate.Call, p gate.Problem) error {
	if wantsJSON(c) {
		return gate.JSON(c, p)
	}
	return draw(c, p.Status, "problem.html", p)
}

// wantsJSON holds for what only programs fetch, and for whoever asks for it.
func wantsJSON(c *gate.Call) bool {
	q := c.Request()
	return q.Method == http.MethodPost || strings.HasSuffix(q.URL.Path, ".json") || strings.Contains(q.Header.Get("Accept"), "application/json")
}

// param returns a path parameter, unescaped also where the client escaped it in an unusual way.
func param(c *gate.Call, name string) (string, error) {
	s := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return s, nil
	}
	s, err := url.PathUnescape(s)
	if err != nil {
		return "", workflow.ErrMissing
	}
	return s, nil
}
