package page

import (
	"context"
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Wall is what all channels show, or one of them.
type Wall struct {
	Frame
	Screens []Screen
	One     bool // a single channel's page
	Typed   string
}

// Screen is one channel: what it shows now, and the button that stops it.
type Screen struct {
	ID, Name, Kind, Size, Shape string
	State, Tone                 string
	Halted                      bool
	HaltedBy                    string // why it was halted
	MayHalt, MayResume          bool
	WhyNot                      string
	CSRF                        string
	OnAir                       []OnAir
	More                        int
	Frame                       string // address of the first item's page
	Strip                       string
}

// OnAir is an item that a channel shows or should show.
type OnAir struct {
	Href, Title, Line, State, Tone string
	MayDown                        bool // the person may take it down now
}

func (p *Pages) screens(c *gate.Call) error {
	return p.wall(c, http.StatusOK, "", tr(c.Words, "渠道与屏幕"), nil)
}

func (p *Pages) screen(c *gate.Call) error {
	return p.wall(c, http.StatusOK, c.Param("channel"), tr(c.Words, "渠道与屏幕"), nil)
}

// wall shows all channels, or the one named.
func (p *Pages) wall(c *gate.Call, status int, only, title string, n *Note) error {
	ctx := c.Request().Context()
	f, l, err := p.frame(c, title)
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	chans, err := p.Desk.Channels(ctx, c.Actor)
	if err != nil {
		return err
	}
	shown, err := p.onAir(ctx, l)
	if err != nil {
		return err
	}
	d := Wall{Frame: f, One: only != "", Typed: c.FormValue("reason")}
	for _, ch := range chans {
		if only == "" || ch.ID == only {
			d.Screens = append(d.Screens, p.screenOf(l, ch, shown[ch.ID], f.CSRF, d.One))
		}
	}
	if len(d.Screens) == 0 {
		return workflow.ErrMissing
	}
	return p.show(c, status, "screens", d)
}

// aired is an item on one channel.
type aired struct {
	view     *workflow.View
	delivery workflow.Delivery
}

// onAir finds what the channels show, as far as the person may see it.
func (p *Pages) onAir(ctx context.Context, l *lens) (map[string][]aired, error) {
	q := workflow.Query{Box: workflow.All, States: []workflow.State{workflow.Published, workflow.Suspended}, Limit: 50}
	rows, _, err := p.Desk.List(ctx, l.a, q)
	if err != nil {
		return nil, err
	}
	out := map[string][]aired{}
	for _, r := range rows {
		v, err := p.Desk.View(ctx, l.a, r.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range v.Deliveries {
			if d.Want != "" || d.Have != "" {
				out[d.Channel] = append(out[d.Channel], aired{v, d})
			}
		}
	}
	return out, nil
}

func (p *Pages) screenOf(l *lens, ch workflow.Channel, list []aired, csrf string, all bool) Screen {
	s := Screen{
		ID: ch.ID, Name: l.channelName(ch), Kind: l.ChannelKind(ch.Kind), Shape: shape(ch), State: l.ChannelState(ch.State), Tone: "good",
		MayHalt: p.Desk.MayHalt(l.a, ch), MayResume: p.Desk.MayResume(l.a, ch), CSRF: csrf,
	}
	if ch.Width > 0 {
		s.Size = l.t("{0} × {1} 点", ch.Width, ch.Height)
	}
	if ch.State == workflow.ChannelHalted {
		s.Halted, s.Tone, s.HaltedBy = true, "bad", ch.Reason
		if !s.MayResume {
			s.WhyNot = l.t("恢复播出须由没有按下停播的领导办理。")
		}
	}
	s.airs(l, ch, list, all)
	for _, x := range list {
		if x.delivery.Have == "" || s.Frame+s.Strip != "" {
			continue
		}
		for _, r := range x.view.Revision.Renditions {
			if at := itemPath(x.view.Item.ID) + "/preview/" + ch.ID + "/" + r.Name; r.Channel == ch.ID {
				s.picture(r, at)
			}
		}
	}
	return s
}

// fewOnAir is how many items the wall names for each channel; its own page names all.
const fewOnAir = 5

// airs lists what the channel shows, or would show once it is resumed.
func (s *Screen) airs(l *lens, ch workflow.Channel, list []aired, all bool) {
	for i, x := range list {
		if i == fewOnAir && !all {
			s.More = len(list) - i
			return
		}
		it, d := x.view.Item, x.delivery
		a := OnAir{
			Href: itemPath(it.ID), Title: it.Title, Line: l.windowOn(x.view, ch.ID), State: l.Shown(d.Shown), Tone: shownTone[d.Shown],
			MayDown: mayDown(x.view),
		}
		if s.Halted {
			a.State, a.Tone = l.t("停播中"), "bad"
		}
		s.OnAir = append(s.OnAir, a)
	}
}

// picture takes the first page or the strip of an item.
func (s *Screen) picture(r workflow.Rendition, at string) {
	switch r.Name {
	case "page.html", "page-1.html":
		s.Frame = at
	case "strip.png":
		s.Strip = at
	}
}

func (l *lens) windowOn(v *workflow.View, channel string) string {
	for _, w := range v.Revision.Content.Channels {
		if w.ID == channel {
			return l.window(w)
		}
	}
	return ""
}

func (p *Pages) halt(c *gate.Call) error {
	return p.switched(c, p.Desk.Halt, "halted")
}

func (p *Pages) resume(c *gate.Call) error {
	return p.switched(c, p.Desk.Resume, "resumed")
}

// switched halts or resumes a channel; a refusal comes back on the wall with its reasons.
func (p *Pages) switched(c *gate.Call, do func(context.Context, workflow.Actor, string, string) error, ok string) error {
	f, err := c.Form("reason")
	if err != nil {
		return err
	}
	id := c.Param("channel")
	err = do(c.Request().Context(), c.Actor, id, f.Get("reason"))
	status, code, rs, _ := gate.Answer(err)
	switch {
	case err == nil:
		return see(c, "/screens?ok="+ok)
	case status == http.StatusNotFound || status >= http.StatusInternalServerError:
		return err
	}
	return p.wall(c, status, id, tr(c.Words, "渠道与屏幕"), refusal(c, code, rs))
}
