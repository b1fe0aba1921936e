// Package page is the HTML face: what people see. A page is a typed struct and a template; a handler binds, makes one call
// to the Desk and answers with a redirect or a page drawn to a buffer first. Pages work without scripts.
package page

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// Deps is what pages work with. All must be set.
type Deps struct {
	Desk    *workflow.Desk
	Library Library
	Proofs  Proofs
	Now     func() time.Time
}

// Pages answers with HTML. It may be used by many goroutines.
type Pages struct {
	Deps
	drawers map[string]drawer // by language
	assets  assets
}

// New returns the pages, or the first error of an asset or a template.
func New(d Deps) (*Pages, error) {
	as, err := loadAssets()
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: d, assets: as, drawers: map[string]drawer{}}
	for _, lang := range []string{words.Zh, words.En} {
		if p.drawers[lang], err = newDrawer(lang, as); err != nil {
			return nil, fmt.Errorf("templates in %s: %w", lang, err)
		}
	}
	return p, nil
}

// Face returns how the gate draws what goes wrong on a page.
func (p *Pages) Face() gate.Face {
	return gate.Face{Prefix: "/", Policy: gate.PagePolicy, Draw: p.problem}
}

// show draws the page to a buffer and only then answers, so that a fault never leaves half a page.
func (p *Pages) show(c *gate.Call, status int, name string, data any) error {
	b, err := p.draw(c, name, data)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, b)
}

func (p *Pages) draw(c *gate.Call, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := p.drawers[c.Words.Lang()].ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("draw %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// viewed returns the item that the path names, as the person sees it; ErrMissing for who may not.
func (p *Pages) viewed(c *gate.Call) (*workflow.View, error) {
	id, err := c.Item()
	if err != nil {
		return nil, err
	}
	return p.Desk.View(c.Request().Context(), c.Actor, id)
}

// part begins a page about one item: the item, the page's frame and the words for it.
func (p *Pages) part(c *gate.Call, title string) (*workflow.View, Frame, *lens, error) {
	v, err := p.viewed(c)
	if err != nil {
		return nil, Frame{}, nil, err
	}
	f, l, err := p.frame(c, tr(c.Words, title))
	return v, f, l, err
}

// see sends the browser on after a write.
func see(c *gate.Call, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// partial reports whether a script asks for a part of the page.
func partial(c *gate.Call) bool { return c.Request().Header.Get("HX-Request") == "true" }
