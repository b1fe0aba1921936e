package page

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/render"
)

// Preview shows what each channel will show: the stored renditions.
type Preview struct {
	Frame
	Head
	Stored  bool // false: not submitted yet, so this is what would be stored
	Outputs []Output
}

// Output is one channel's rendition.
type Output struct {
	ID, Name, Kind, Size, Window string
	Shape                        string   // portal, led, tv, kiosk
	Frames                       []string // addresses of the pages, in order
	Strip, Words                 string   // address of the dots and the words of an LED strip
	Fit                          []string
	Good                         string
}

func (p *Pages) preview(c *gate.Call) error {
	v, f, l, err := p.part(c, "渠道预览")
	if err != nil {
		return err
	}
	id := v.Item.ID
	d := Preview{Frame: f, Head: l.head(v, "preview"), Stored: len(v.Revision.Renditions) > 0}
	for _, w := range v.Revision.Content.Channels {
		pages, err := p.Desk.Preview(c.Request().Context(), c.Actor, id, w.ID)
		if err != nil {
			return err
		}
		d.Outputs = append(d.Outputs, l.output(id, w, pages, v.Item.Version))
	}
	slices.SortStableFunc(d.Outputs, func(a, b Output) int { return shapeOrder(a.Shape) - shapeOrder(b.Shape) })
	return p.show(c, http.StatusOK, "preview", d)
}

func shapeOrder(s string) int { return slices.Index([]string{"led", "tv", "kiosk", "portal"}, s) }

// output lays a channel's pages out. The version in the addresses makes a browser ask again after a change.
func (l *lens) output(id workflow.ItemID, w workflow.Window, pages []workflow.Page, version int64) Output {
	ch := l.channelOf(w.ID)
	o := Output{ID: w.ID, Name: l.channelName(ch), Kind: l.ChannelKind(ch.Kind), Window: l.window(w), Shape: shape(ch)}
	if ch.Width > 0 {
		o.Size = fmt.Sprintf("%d × %d", ch.Width, ch.Height)
	}
	for _, x := range pages {
		at := fmt.Sprintf("/items/%d/preview/%s/%s?v=%d", id, w.ID, x.Name, version)
		switch {
		case strings.HasPrefix(x.Media, "text/html"):
			o.Frames = append(o.Frames, at)
		case strings.HasPrefix(x.Media, "image/"):
			o.Strip = at
		default:
			o.Words = strings.TrimSpace(string(x.Bytes))
		}
		o.Fit = append(o.Fit, told(l.Book, x.Fit)...)
	}
	switch {
	case o.Shape == "led":
		o.Good, _ = l.fit(Outlet{Strip: true, Limit: workflow.MaxStrip, Wide: cells(ch), Dots: ch.Width, Text: o.Words}, "")
	case len(o.Frames) > 1:
		o.Good = l.t("分 {0} 屏显示", len(o.Frames))
	default:
		o.Good = l.t("显示得下")
	}
	return o
}

func shape(ch workflow.Channel) string {
	switch {
	case ch.Kind == workflow.Portal || ch.Kind == workflow.LED:
		return ch.Kind
	case ch.Height > ch.Width || ch.Width == 0 && ch.Kind == workflow.Kiosk:
		return workflow.Kiosk
	}
	return workflow.TV
}

// rendition answers with one stored page as it is, locked. A portal's page is a fragment: it gets a plain sheet round it.
func (p *Pages) rendition(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	pages, err := p.Desk.Preview(c.Request().Context(), c.Actor, id, c.Param("channel"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(pages, func(x workflow.Page) bool { return x.Name == c.Param("name") })
	if i < 0 {
		return workflow.ErrMissing
	}
	x := pages[i]
	h := c.Response().Header()
	if !strings.HasPrefix(x.Media, "text/html") {
		h.Set("Content-Security-Policy", gate.DataPolicy)
		return c.Blob(http.StatusOK, x.Media, x.Bytes)
	}
	page := x.Bytes
	if !bytes.Contains(page[:min(len(page), 200)], []byte("<html")) {
		page = slices.Concat([]byte(sheetTop), p.assets.files["sheet.css"].plain, []byte(sheetMiddle), page, []byte("</body></html>"))
	}
	h.Set("Content-Security-Policy", render.Policy(page))
	return c.Blob(http.StatusOK, x.Media, page)
}

// A frame without an origin may load nothing, so the sheet's style stands in it; the policy names it by hash.
const (
	sheetTop    = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>preview</title><style>`
	sheetMiddle = `</style></head><body>`
)
