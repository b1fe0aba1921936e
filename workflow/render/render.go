// Package render turns an item into what each kind of channel shows. It is pure: renditions are made once, when an item
// is submitted, stored by hash and signed with the manifest, so the reviewer's preview and the public screen are the same
// bytes. Nothing of the raw body reaches a rendition: only what the cleaner knows to be harmless.
package render

import (
	"fmt"
	"strings"

	"qingyang/workflow"
)

// The codes of Page.Fit. Args are given in this order.
const (
	TextTooLong   = "text_too_long"   // characters or pages there are, the limit
	TextEmpty     = "text_empty"      // nothing would be shown
	TitleTooLong  = "title_too_long"  // lines the title takes, the limit
	GlyphMissing  = "glyph_missing"   // the characters that the strip's font lacks; they are drawn as a box
	ImageDropped  = "image_dropped"   // an image of the body that is no attachment of the item
	ImageOmitted  = "image_omitted"   // images that a screen does not show: how many
	LinkDropped   = "link_dropped"    // an address that is neither an attachment nor http, https, mailto or tel
	TableFlatten  = "table_flattened" // a table becomes lines on a screen
	fitFieldTitle = "title"
	fitFieldBody  = "body_html"
	fitFieldText  = "text"
)

// Renderer implements workflow.Renderer. Its zero value is ready; it may be used by many goroutines.
type Renderer struct{}

// Render returns what c will show of r, never nothing: page.html for a portal; page.html, or page-1.html and so on, for
// a television, kiosk or wayfinding machine; strip.txt and strip.png for an LED strip. Fit of the first page warns of all
// that does not fit. An unknown kind of channel is an error.
func (Renderer) Render(house string, _ workflow.Item, r workflow.Revision, c workflow.Channel) ([]workflow.Page, error) {
	switch c.Kind {
	case workflow.Portal:
		return article(r)
	case workflow.TV, workflow.Kiosk, workflow.Wayfinding:
		return screens(house, r, c)
	case workflow.LED:
		return strip(r, c)
	}
	return nil, fmt.Errorf("render: unknown kind of channel %q", c.Kind)
}

// own returns the text that the author wrote for this channel alone, or "".
func own(r workflow.Revision, channel string) string {
	for _, w := range r.Content.Channels {
		if w.ID == channel {
			return strings.TrimSpace(w.Text)
		}
	}
	return ""
}
