package api

import (
	"net/http"
	"strconv"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// schema is the version of the bodies of requests and answers.
const schema = 1

// Draft is what an author writes. Title, body_html, disclosure, channels and self_check are required.
type Draft struct {
	V          *int                 `json:"v,omitempty"`
	Title      string               `json:"title"`
	BodyHTML   string               `json:"body_html"`
	Summary    string               `json:"summary,omitempty"`
	Source     string               `json:"source,omitempty"`
	Disclosure *workflow.Disclosure `json:"disclosure"`
	Class      workflow.Class       `json:"class,omitempty"`
	Urgency    workflow.Urgency     `json:"urgency,omitempty"`
	Channels   []workflow.Window    `json:"channels"`
	SelfCheck  *workflow.SelfCheck  `json:"self_check"`
	Column     string               `json:"column,omitempty"`
	LetterNo   string               `json:"letter_no,omitempty"`
	Standby    bool                 `json:"standby,omitempty"`
}

// Edit is a new text for the item in the version its author saw.
type Edit struct {
	Draft
	Version *int64 `json:"version"`
}

// needed collects the names of required fields that are absent.
type needed []workflow.Reason

func (n *needed) ask(there bool, code, field string) {
	if !there {
		*n = append(*n, workflow.Reason{Code: code, Field: field})
	}
}

func (n needed) err() error {
	if len(n) == 0 {
		return nil
	}
	return &workflow.InvalidError{Reasons: n}
}

// known refuses a body of a schema that this program does not know.
func known(v *int) error {
	if v != nil && *v != schema {
		return gate.Invalid("schema", "v", strconv.Itoa(schema))
	}
	return nil
}

func (d Draft) lacks() needed {
	var n needed
	n.ask(d.Title != "", "title_missing", "title")
	n.ask(d.BodyHTML != "", "body_missing", "body_html")
	n.ask(d.Disclosure != nil, "missing", "disclosure")
	n.ask(len(d.Channels) > 0, "channels_missing", "channels")
	n.ask(d.SelfCheck != nil, "missing", "self_check")
	return n
}

// content returns the draft as the Desk takes it; lacks must have found nothing.
func (d Draft) content() workflow.Content {
	return workflow.Content{
		Title: d.Title, BodyHTML: d.BodyHTML, Summary: d.Summary, Source: d.Source, Disclosure: *d.Disclosure, Class: d.Class,
		Urgency: d.Urgency, Channels: d.Channels, SelfCheck: *d.SelfCheck, Column: d.Column, LetterNo: d.LetterNo, Standby: d.Standby,
	}
}

func (a *API) create(c *gate.Call) error {
	var in Draft
	if err := c.Read(&in); err != nil {
		return err
	}
	if err := known(in.V); err != nil {
		return err
	}
	if err := in.lacks().err(); err != nil {
		return err
	}
	v, err := a.Desk.Create(c.Request().Context(), c.Actor, in.content())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", Prefix+"/items/"+strconv.FormatInt(int64(v.Item.ID), 10))
	return c.JSON(http.StatusCreated, itemOf(c.Words, v))
}

func (a *API) edit(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	var in Edit
	if err := c.Read(&in); err != nil {
		return err
	}
	if err := known(in.V); err != nil {
		return err
	}
	n := in.lacks()
	n.ask(in.Version != nil, "missing", "version")
	if err := n.err(); err != nil {
		return err
	}
	v, err := a.Desk.Edit(c.Request().Context(), c.Actor, id, *in.Version, in.content())
	return a.answer(c, v, id, *in.Version, err)
}

// answer shows the item after a change, or says what it became meanwhile if the asker's version is old.
func (a *API) answer(c *gate.Call, v *workflow.View, id workflow.ItemID, seen int64, err error) error {
	if err != nil {
		return gate.Explain(c, a.Desk, id, seen, err)
	}
	return c.JSON(http.StatusOK, itemOf(c.Words, v))
}

func (a *API) show(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	v, err := a.Desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, itemOf(c.Words, v))
}
