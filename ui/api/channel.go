package api

import (
	"net/http"
	"slices"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Channel is a place where the public reads, with what one may do to it.
type Channel struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	NameEn    string `json:"name_en"`
	Kind      string `json:"kind"`
	State     string `json:"state"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Reason    string `json:"reason,omitempty"` // why it was halted
	MayHalt   bool   `json:"may_halt"`
	MayResume bool   `json:"may_resume"`
}

func (a *API) channelOf(c *gate.Call, ch workflow.Channel) Channel {
	return Channel{
		ch.ID, ch.Name, ch.NameEn, ch.Kind, ch.State, ch.Width, ch.Height, ch.Reason,
		a.Desk.MayHalt(c.Actor, ch), a.Desk.MayResume(c.Actor, ch),
	}
}

func (a *API) channels(c *gate.Call) error {
	chans, err := a.Desk.Channels(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	var out []Channel
	for _, ch := range chans {
		out = append(out, a.channelOf(c, ch))
	}
	return c.JSON(http.StatusOK, list(out, ""))
}

// Because says why a channel is halted or resumed.
type Because struct {
	Reason string `json:"reason"`
}

func (a *API) halt(c *gate.Call) error   { return a.turn(c, workflow.HaltChannel) }
func (a *API) resume(c *gate.Call) error { return a.turn(c, workflow.ResumeChannel) }

func (a *API) turn(c *gate.Call, e workflow.Event) error {
	var in Because
	if err := c.Read(&in); err != nil {
		return err
	}
	do := a.Desk.Halt
	if e == workflow.ResumeChannel {
		do = a.Desk.Resume
	}
	ctx, id := c.Request().Context(), c.Param("id")
	if err := do(ctx, c.Actor, id, in.Reason); err != nil {
		return err
	}
	chans, err := a.Desk.Channels(ctx, c.Actor)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(chans, func(ch workflow.Channel) bool { return ch.ID == id })
	if i < 0 {
		return workflow.ErrMissing
	}
	return c.JSON(http.StatusOK, a.channelOf(c, chans[i]))
}
