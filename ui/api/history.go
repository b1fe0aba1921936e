package api

import (
	"net/http"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Revision names one saved text.
type Revision struct {
	Revision    int                   `json:"revision"`
	By          Person                `json:"by"`
	At          time.Time             `json:"at"`
	Title       string                `json:"title"`
	Attachments []workflow.Attachment `json:"attachments"`
}

func (a *API) revisions(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	rs, err := a.Desk.Revisions(c.Request().Context(), c.Actor, id)
	if err != nil {
		return err
	}
	var out []Revision
	for _, r := range rs {
		out = append(out, Revision{r.N, Person{r.By, r.ByName}, r.At, r.Content.Title, all(r.Attachments)})
	}
	return c.JSON(http.StatusOK, list(out, ""))
}

// Diff is what became of each part from one revision to another. The body is whole, other parts stand only if they differ.
type Diff struct {
	From     int               `json:"from"`
	To       int               `json:"to"`
	Sections []compare.Section `json:"sections"`
}

// diff compares two revisions: without to the present one, without from the one before to.
func (a *API) diff(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v, err := a.Desk.View(ctx, c.Actor, id)
	if err != nil {
		return err
	}
	to, err := c.QueryNumber("to", int64(v.Item.Revision))
	if err != nil {
		return err
	}
	from, err := c.QueryNumber("from", max(1, to-1))
	if err != nil {
		return err
	}
	older, err := a.Desk.RevisionOf(ctx, c.Actor, id, int(from))
	if err != nil {
		return err
	}
	newer, err := a.Desk.RevisionOf(ctx, c.Actor, id, int(to))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Diff{int(from), int(to), gate.Difference(older, newer)})
}

// Step is one act or refusal in an item's life. Seq is -1 until the log has given it its place.
type Step struct {
	Seq        int64          `json:"seq"`
	At         time.Time      `json:"at"`
	Person     Person         `json:"person"`
	Role       string         `json:"role"`
	OnBehalfOf string         `json:"on_behalf_of,omitempty"`
	Event      workflow.Event `json:"event"`
	From       workflow.State `json:"from,omitempty"`
	To         workflow.State `json:"to,omitempty"`
	Revision   int            `json:"revision"`
	Round      int            `json:"round"`
	Digest     string         `json:"digest,omitempty"`
	Result     string         `json:"result"`
	Reasons    []string       `json:"reasons,omitempty"`
	Reason     string         `json:"reason,omitempty"`
}

func (a *API) trail(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	es, err := a.Desk.Trail(c.Request().Context(), c.Actor, id)
	if err != nil {
		return err
	}
	var out []Step
	for _, e := range es {
		out = append(out, Step{
			Seq: e.Seq, At: e.At, Person: Person{e.Person, e.Name}, Role: e.Role, OnBehalfOf: e.OnBehalf, Event: workflow.Event(e.Event),
			From: workflow.State(e.From), To: workflow.State(e.To), Revision: e.Revision, Round: e.Round, Digest: e.Digest,
			Result: e.Result, Reasons: e.Reasons, Reason: e.Reason,
		})
	}
	return c.JSON(http.StatusOK, list(out, ""))
}
