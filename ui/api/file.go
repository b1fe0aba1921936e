package api

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/render"
)

// Attached is the stored file with the item's new version.
type Attached struct {
	workflow.Attachment
	Item Item `json:"item"`
}

func (a *API) attach(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	file, vs, done, err := c.Upload("version")
	if err != nil {
		return err
	}
	defer done()
	version, err := versionOf(vs.Get("version"))
	if err != nil {
		return err
	}
	if file == nil {
		return gate.Invalid("missing", "file")
	}
	f, err := file.Open()
	if err != nil {
		return fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	at, v, err := a.Desk.Attach(c.Request().Context(), c.Actor, id, version, file.Filename, f)
	if err != nil {
		return gate.Explain(c, a.Desk, id, version, err)
	}
	return c.JSON(http.StatusCreated, Attached{at, itemOf(c.Words, v)})
}

// versionOf reads the version that a form or query names.
func versionOf(s string) (int64, error) {
	if s == "" {
		return 0, gate.Invalid("missing", "version")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, gate.WrongType("version")
	}
	return n, nil
}

func (a *API) detach(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	version, err := a.detached(c, id)
	if err != nil {
		return err
	}
	v, err := a.Desk.Detach(c.Request().Context(), c.Actor, id, version, c.Param("aid"))
	return a.answer(c, v, id, version, err)
}

// Detach names the version that the asker saw.
type Detach struct {
	Version *int64 `json:"version,omitempty"`
}

// detached returns the version in the query or the body. Without one the file goes whatever else changed: its id says which.
func (a *API) detached(c *gate.Call, id workflow.ItemID) (int64, error) {
	if s := c.QueryParam("version"); s != "" {
		return versionOf(s)
	}
	var in Detach
	if c.Request().ContentLength != 0 {
		if err := c.Read(&in); err != nil {
			return 0, err
		}
	}
	if in.Version != nil {
		return *in.Version, nil
	}
	v, err := a.Desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return 0, err
	}
	return v.Item.Version, nil
}

func (a *API) download(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	at, r, err := a.Desk.Attachment(c.Request().Context(), c.Actor, id, c.Param("aid"))
	if err != nil {
		return err
	}
	defer r.Close()
	h := c.Response().Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": at.Name}))
	h.Set("Content-Length", strconv.FormatInt(at.Size, 10))
	h.Set("ETag", `"`+at.SHA256+`"`)
	return c.Stream(http.StatusOK, at.Media, r)
}

func (a *API) form(c *gate.Call) error {
	return a.printed(c, func(id workflow.ItemID) ([]byte, error) { return a.Form.Form(c, id) })
}

func (a *API) letter(c *gate.Call) error {
	return a.printed(c, func(id workflow.ItemID) ([]byte, error) { return a.Form.Letter(c, id, c.Param("kind")) })
}

// printed answers a paper of the item as html, or as pdf where that is asked for and a browser can make it.
func (a *API) printed(c *gate.Call, paper func(workflow.ItemID) ([]byte, error)) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	format := c.QueryParam("format")
	if format == "" && strings.HasPrefix(c.Request().Header.Get("Accept"), "application/pdf") {
		format = "pdf"
	}
	if format != "" && format != "html" && format != "pdf" {
		return gate.Malformed("unknown_value", "format", "html, pdf")
	}
	page, err := paper(id)
	if err != nil {
		return err
	}
	if format != "pdf" {
		c.Response().Header().Set("Content-Security-Policy", render.Policy(page))
		return c.HTMLBlob(http.StatusOK, page)
	}
	if a.Painter == nil {
		return fmt.Errorf("paper as pdf: no browser is installed: %w", workflow.ErrUnavailable)
	}
	pdf, err := a.Painter.PDF(c.Request().Context(), page)
	if err != nil {
		return fmt.Errorf("paper as pdf: %w", err)
	}
	return c.Blob(http.StatusOK, "application/pdf", pdf)
}

// preview answers the picture among the stored renditions, or a picture of the stored page.
func (a *API) preview(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	pages, err := a.Desk.Preview(ctx, c.Actor, id, c.Param("channel"))
	if err != nil {
		return err
	}
	for _, p := range pages {
		if p.Media == "image/png" {
			return c.Stream(http.StatusOK, p.Media, bytes.NewReader(p.Bytes))
		}
	}
	for _, p := range pages {
		if strings.HasPrefix(p.Media, "text/html") {
			return a.paint(c, p.Bytes, c.Param("channel"))
		}
	}
	return fmt.Errorf("preview of item %d on %s: %w", id, c.Param("channel"), workflow.ErrMissing)
}

// A portal has no size of its own: its pages are pictured as on an office screen.
const portalWidth, portalHeight = 1280, 1600

func (a *API) paint(c *gate.Call, page []byte, channel string) error {
	if a.Painter == nil {
		return fmt.Errorf("picture of a page: no browser is installed: %w", workflow.ErrUnavailable)
	}
	ctx := c.Request().Context()
	chans, err := a.Desk.Channels(ctx, c.Actor)
	if err != nil {
		return err
	}
	w, h := portalWidth, portalHeight
	for _, ch := range chans {
		if ch.ID == channel && ch.Width > 0 {
			w, h = ch.Width, ch.Height
		}
	}
	png, err := a.Painter.PNG(ctx, page, w, h)
	if err != nil {
		return fmt.Errorf("picture of a page: %w", err)
	}
	return c.Blob(http.StatusOK, "image/png", png)
}
