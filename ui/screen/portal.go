package screen

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
	"qingyang/workflow/publish"
	"qingyang/workflow/render"
)

// site is what every page of the portal has.
type site struct {
	House, HouseEn string
	Base           string // address of the channel, with a slash at its end
	Title          string
	Columns        []columnLink
}

type columnLink struct {
	ID, Name string
	Here     bool
}

type listPage struct {
	site
	Groups []group
	Home   bool
}

type group struct {
	ID, Name string
	More     bool // there is more on the column's own page
	Lines    []line
}

type line struct {
	Title, Address, Unit string
	At                   time.Time
}

// shortList is how many lines of a column the home page has.
const shortList = 12

func (s *Screens) site(b *board, title, column string) site {
	p := site{House: b.setup.House, HouseEn: b.setup.HouseEn, Base: base(b), Title: title}
	for _, c := range b.setup.Columns {
		p.Columns = append(p.Columns, columnLink{c.ID, c.Name, c.ID == column})
	}
	return p
}

func base(b *board) string { return "/channels/" + url.PathEscape(b.channel.ID) + "/" }

func address(b *board, number string) string { return base(b) + "items/" + url.PathEscape(number) }

func (s *Screens) home(c *gate.Call, b *board) error {
	if b.halted() {
		return s.maintenance(c, b)
	}
	p := listPage{site: s.site(b, b.setup.House, ""), Home: true}
	for _, col := range b.setup.Columns {
		if g := columnGroup(b, col); len(g.Lines) > 0 {
			g.More = len(g.Lines) > shortList
			g.Lines = g.Lines[:min(shortList, len(g.Lines))]
			p.Groups = append(p.Groups, g)
		}
	}
	return draw(c, http.StatusOK, "list.html", p)
}

func columnGroup(b *board, col workflow.Column) group {
	units := map[string]string{}
	for _, u := range b.setup.Units {
		units[u.ID] = u.Name
	}
	g := group{ID: col.ID, Name: col.Name}
	for _, x := range b.live() {
		if x.Column == col.ID {
			g.Lines = append(g.Lines, line{x.Title, address(b, x.Number), units[x.Unit], x.PublishedAt})
		}
	}
	return g
}

func (s *Screens) column(c *gate.Call, b *board) error {
	if b.channel.Kind != workflow.Portal {
		return workflow.ErrMissing
	}
	if b.halted() {
		return s.maintenance(c, b)
	}
	for _, col := range b.setup.Columns {
		if col.ID == c.Param("column") {
			return draw(c, http.StatusOK, "list.html", listPage{site: s.site(b, col.Name, col.ID), Groups: []group{columnGroup(b, col)}})
		}
	}
	return workflow.ErrMissing
}

// maintenance says that the channel is halted. 503 keeps search engines from taking it for the page.
func (s *Screens) maintenance(c *gate.Call, b *board) error {
	c.Response().Header().Set("Retry-After", "60")
	if wantsJSON(c) {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"state": workflow.ChannelHalted})
	}
	return draw(c, http.StatusServiceUnavailable, "maintenance.html", s.site(b, maintenanceTitle, ""))
}

const maintenanceTitle = "系统维护中"

type itemPage struct {
	site
	Number      string
	PublishedAt time.Time
	Body        template.HTML
}

// item is the page of one notice, or its data for a program; 410 with a tombstone once it is gone.
func (s *Screens) item(c *gate.Call, b *board) error {
	number, err := param(c, "number")
	if err != nil {
		return err
	}
	x, err := s.find(c, b, number)
	switch {
	case b.halted() || errors.Is(err, publish.ErrHalted):
		return s.maintenance(c, b)
	case gone(err):
		return s.tombstone(c, b, number)
	case err != nil:
		return err
	}
	if wantsJSON(c) {
		return s.itemJSON(c, b, x)
	}
	name := x.Renditions[0].Name
	body, err := x.rendition(c.Request().Context(), name)
	if gone(err) {
		return s.tombstone(c, b, number)
	}
	if err != nil {
		return err
	}
	if b.channel.Kind != workflow.Portal {
		return sendPage(c, x.Renditions[0].Media, body)
	}
	p := itemPage{site: s.site(b, x.Title, x.Column), Number: x.Number, PublishedAt: x.PublishedAt}
	p.Body = template.HTML(body) //nolint:gosec // the approved rendition, cleaned when it was made, hashed just now
	return draw(c, http.StatusOK, "item.html", p)
}

// find looks on the board first: what many people read costs the database nothing more.
func (s *Screens) find(c *gate.Call, b *board, number string) (*card, error) {
	for _, x := range b.live() {
		if x.Number == number {
			return x, nil
		}
	}
	p, err := s.Shelf.Item(c.Request().Context(), b.channel.ID, number)
	if err != nil {
		return nil, err
	}
	return newCard(p)
}

// grave is the page where an item stood.
type grave struct {
	site
	Number, Reason   string
	At               time.Time
	Target, NextName string
}

// tombstone tells that there was something, and of it only what the house decided to tell.
func (s *Screens) tombstone(c *gate.Call, b *board, number string) error {
	t, next, err := s.Shelf.Tomb(c.Request().Context(), b.channel.ID, number)
	if err != nil {
		return err
	}
	g := grave{site: s.site(b, "内容已撤下", ""), Number: number, At: t.At}
	if t.ReasonCode != "" {
		g.Reason = words.Of(words.Zh).ReasonCode(t.ReasonCode)
	}
	if n, err := next.Notice(); err == nil {
		g.Target, g.NextName = address(b, n.Number), n.Title
	}
	if wantsJSON(c) {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusGone, graveData{number, "gone", g.Reason, g.At, g.Target})
	}
	return draw(c, http.StatusGone, "gone.html", g)
}

// graveData is a tombstone for programs.
type graveData struct {
	Number    string    `json:"number"`
	State     string    `json:"state"`
	Reason    string    `json:"reason,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Successor string    `json:"successor,omitempty"`
}

func (s *Screens) itemJSON(c *gate.Call, b *board, x *card) error {
	it, err := s.feedItem(c, b, x)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, it)
}

// file sends an attachment of an item that is on the board or, for older ones, on the page that links to it: its hash is
// not enough, it must belong to something that is proven now.
func (s *Screens) file(c *gate.Call, b *board) error {
	if b.halted() {
		return s.maintenance(c, b)
	}
	sha := c.Param("sha")
	cards := b.live()
	if x, err := s.linking(c, b); err == nil {
		cards = append(cards, x)
	}
	for _, x := range cards {
		for _, a := range x.Attachments {
			if a.SHA256 == sha {
				return s.sendFile(c, x.proof, sha)
			}
		}
	}
	return workflow.ErrMissing
}

// linking returns the item whose page the request comes from, proven.
func (s *Screens) linking(c *gate.Call, b *board) (*card, error) {
	u, err := url.Parse(c.Request().Referer())
	if err != nil {
		return nil, workflow.ErrMissing
	}
	number, ok := strings.CutPrefix(u.Path, base(b)+"items/")
	if !ok {
		return nil, workflow.ErrMissing
	}
	return s.find(c, b, number)
}

// sendFile reads the whole file through the proof before the first byte goes out, into a file without a name.
func (s *Screens) sendFile(c *gate.Call, p publish.CleanProof, sha string) (err error) {
	tmp, err := os.CreateTemp("", "qingyang-*")
	if err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	defer func() { err = errors.Join(err, tmp.Close()) }()
	if err := os.Remove(tmp.Name()); err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	a, err := p.Attachment(c.Request().Context(), sha, tmp)
	if err != nil {
		return err
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	kind := "attachment"
	if strings.HasPrefix(a.Media, "image/") && a.Media != "image/svg+xml" {
		kind = "inline"
	}
	h := c.Response().Header()
	h.Set("Content-Type", a.Media)
	h.Set("Content-Disposition", mime.FormatMediaType(kind, map[string]string{"filename": a.Name}))
	h.Set("Content-Security-Policy", gate.DataPolicy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+a.SHA256[:32]+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, tmp)
	return nil
}

// page sends one stored rendition of a screen by its hash.
func (s *Screens) page(c *gate.Call, b *board) error {
	for _, x := range b.live() {
		for _, r := range x.Renditions {
			if r.SHA256 != c.Param("sha") {
				continue
			}
			body, err := x.rendition(c.Request().Context(), r.Name)
			if gone(err) {
				break
			}
			if err != nil {
				return err
			}
			return sendPage(c, r.Media, body)
		}
	}
	return draw(c, http.StatusGone, "dark.html", nil)
}

func sendPage(c *gate.Call, media string, body []byte) error {
	c.Response().Header().Set("Content-Security-Policy", render.Policy(body))
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, media, body)
}
