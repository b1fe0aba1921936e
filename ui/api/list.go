package api

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// normalPage is how many lines a list answers where the asker says nothing.
const normalPage = 50

// Row is one line of a list of items.
type Row struct {
	ID        workflow.ItemID  `json:"id"`
	Number    string           `json:"number"`
	Version   int64            `json:"version"`
	Revision  int              `json:"revision"`
	Digest    string           `json:"digest"`
	State     workflow.State   `json:"state"`
	StateName string           `json:"state_name"`
	Title     string           `json:"title"`
	Class     workflow.Class   `json:"class"`
	Urgency   workflow.Urgency `json:"urgency"`
	Unit      string           `json:"unit"`
	Author    Person           `json:"author"`
	Column    string           `json:"column"`
	Channels  []string         `json:"channels"`
	Open      int              `json:"open"`
	Created   time.Time        `json:"created"`
	Since     time.Time        `json:"since"`
	Due       time.Time        `json:"due,omitzero"`
}

func rowOf(b words.Book, r workflow.Row) Row {
	it := r.Item
	return Row{
		ID: it.ID, Number: it.Number, Version: it.Version, Revision: it.Revision, Digest: it.Digest, State: it.State,
		StateName: b.State(it.State), Title: it.Title, Class: it.Class, Urgency: it.Urgency, Unit: it.Unit,
		Author: Person{it.Author, it.AuthorName}, Column: it.Column, Channels: all(r.Channels), Open: it.Open,
		Created: it.Created, Since: it.Since, Due: it.Due,
	}
}

var boxes = []string{string(workflow.Todo), string(workflow.Done), string(workflow.Mine), string(workflow.Drafts)}

// inbox answers a list of the inbox: todo unless another is asked for.
func (a *API) inbox(c *gate.Call) error {
	box := c.QueryParam("box")
	if box == "" {
		box = string(workflow.Todo)
	}
	if !slices.Contains(boxes, box) {
		return gate.Malformed("unknown_value", "box", strings.Join(boxes, ", "))
	}
	limit, err := c.Limit(normalPage)
	if err != nil {
		return err
	}
	q := workflow.Query{Box: workflow.Box(box), After: c.QueryParam("after"), Limit: limit}
	rows, next, err := a.Desk.List(c.Request().Context(), c.Actor, q)
	if err != nil {
		return err
	}
	var out []Row
	for _, r := range rows {
		out = append(out, rowOf(c.Words, r))
	}
	return c.JSON(http.StatusOK, list(out, next))
}

// Found is an item that a search found, with the words around the place.
type Found struct {
	Row
	Where string `json:"where"`
	Words string `json:"words"`
}

// longestQuery is how many characters a search may have.
const longestQuery = 200

func (a *API) search(c *gate.Call) error {
	q := strings.TrimSpace(c.QueryParam("q"))
	if q == "" {
		return gate.Malformed("missing", "q")
	}
	if utf8.RuneCountInString(q) > longestQuery {
		return gate.Malformed("too_long", "q", "200")
	}
	limit, err := c.Limit(normalPage)
	if err != nil {
		return err
	}
	fs, err := a.Desk.Search(c.Request().Context(), c.Actor, q, limit)
	if err != nil {
		return err
	}
	var out []Found
	for _, f := range fs {
		out = append(out, Found{rowOf(c.Words, f.Row), f.Where, f.Words})
	}
	return c.JSON(http.StatusOK, list(out, ""))
}

// Line is one line of the register book. Title is empty for sealed items.
type Line struct {
	Number    string          `json:"number"`
	Item      workflow.ItemID `json:"item"`
	Title     string          `json:"title"`
	Unit      string          `json:"unit"`
	At        time.Time       `json:"at"`
	By        string          `json:"by"`
	Void      bool            `json:"void"`
	VoidAt    time.Time       `json:"void_at,omitzero"`
	State     workflow.State  `json:"state"`
	Published time.Time       `json:"published,omitzero"`
}

func (a *API) register(c *gate.Call) error {
	limit, err := c.Limit(normalPage)
	if err != nil {
		return err
	}
	ls, next, err := a.Desk.RegisterBook(c.Request().Context(), c.Actor, c.QueryParam("after"), limit)
	if err != nil {
		return err
	}
	var out []Line
	for _, l := range ls {
		out = append(out, Line(l))
	}
	return c.JSON(http.StatusOK, list(out, next))
}

func (a *API) terms(c *gate.Call) error {
	limit, err := c.Limit(normalPage)
	if err != nil {
		return err
	}
	ts, next, err := a.Terms.Terms(c.Request().Context(), c.QueryParam("after"), limit)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, list(ts, next))
}
