package screen

import (
	"bytes"
	"log/slog"
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/render"
)

const maintenanceLine = "本屏维护中，请到服务台咨询。"

type playerPage struct {
	House, Kind   string
	Width, Height int
}

// player is the page that a screen's browser keeps open. It holds no item: all it shows it fetches.
func (s *Screens) player(c *gate.Call, b *board) error {
	p := playerPage{b.setup.House, b.channel.Kind, b.channel.Width, b.channel.Height}
	if p.Width <= 0 || p.Height <= 0 {
		p.Width, p.Height = 1920, 1080
	}
	c.Response().Header().Set("Content-Security-Policy", playerPolicy)
	return draw(c, http.StatusOK, "player.html", p)
}

// strips returns one rendition of each item of an LED strip, newest first. What can't be read is left out and logged.
func (s *Screens) strips(c *gate.Call, b *board, name string) [][]byte {
	var out [][]byte
	for _, x := range b.live() {
		body, err := x.rendition(c.Request().Context(), name)
		if err != nil {
			s.Log.ErrorContext(c.Request().Context(), "strip leaves an item out", slog.Int64("item", int64(x.Item)), slog.Any("error", err))
			continue
		}
		out = append(out, body)
	}
	return out
}

// stripText is one line for each item, in UTF-8; empty when there is nothing to show.
func (s *Screens) stripText(c *gate.Call, b *board) error {
	if b.channel.Kind != workflow.LED {
		return workflow.ErrMissing
	}
	lines := bytes.Join(s.strips(c, b, "strip.txt"), nil)
	if b.halted() {
		lines = []byte(maintenanceLine + "\n")
	}
	return send(c, "text/plain; charset=utf-8", lines)
}

// stripPicture is the same as dots, side by side; one dark column when there is nothing to show.
func (s *Screens) stripPicture(c *gate.Call, b *board) error {
	if b.channel.Kind != workflow.LED {
		return workflow.ErrMissing
	}
	strips := s.strips(c, b, "strip.png")
	if b.halted() {
		img, err := render.Maintenance(maintenanceLine, b.channel.Height)
		if err != nil {
			return err
		}
		strips = [][]byte{img}
	}
	out, err := render.Join(strips)
	if err != nil {
		return err
	}
	return send(c, "image/png", out)
}
