package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// open returns the case if a may see it, else ErrMissing.
func (d *Desk) open(ctx context.Context, a Actor, id ItemID) (*Case, error) {
	c, err := d.Store.Case(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("item %d: %w", id, err)
	}
	if !visible(a, c) {
		return nil, fmt.Errorf("item %d: %w", id, ErrMissing)
	}
	if c.Item.State.Closed() { // who looks at what may be a secret is on record, or does not look
		return c, d.note(ctx, signedRecord(d.Signer, record(d.now(), a, SecrecyOfficer, ReadSealed, c)))
	}
	return c, nil
}

// Exported puts on the log that a took a list out of the system.
func (d *Desk) Exported(ctx context.Context, a Actor, what string) error {
	rec := record(d.now(), a, "", Export, nil)
	rec.Detail = map[string]string{"what": what}
	return d.note(ctx, rec)
}

// View returns the item with what a may do now. ErrMissing for a stranger.
func (d *Desk) View(ctx context.Context, a Actor, id ItemID) (*View, error) {
	c, err := d.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return d.view(ctx, a, c)
}

// view returns c as a may see it. ErrMissing for a stranger.
func (d *Desk) view(ctx context.Context, a Actor, c *Case) (*View, error) {
	if !visible(a, c) {
		return nil, fmt.Errorf("item %d: %w", c.Item.ID, ErrMissing)
	}
	for i, at := range c.Revision.Attachments {
		if scan := c.FileScan(at); scan != fileWaiting {
			c.Revision.Attachments[i].Scan = scan
		}
	}
	v := &View{Case: c}
	var err error
	if v.Family, err = d.relatives(ctx, a, c); err != nil {
		return nil, err
	}
	in := input{c: c, a: a, now: d.now(), signer: d.Signer}
	in.m.library = d.Scanner.Library()
	if err := d.weigh(ctx, a, &in.m, c); err != nil {
		return nil, err
	}
	v.offer(in)
	v.Named, err = d.nameable(ctx, v)
	return v, err
}

// offer lists what the person of in may do, or may not and why.
func (v *View) offer(in input) {
	for _, r := range rules {
		if !r.holds(v.Case, in.m) || acting(r, in.a, v.Case) == "" {
			continue
		}
		in.m.Event = r.Event
		if movable(r.Event) {
			v.Offers = append(v.Offers, offer(r, in))
		}
		may := len(forbidden(r, in)) == 0
		v.Editor = v.Editor || may && r.Event == Edit
		v.Judge = v.Judge || may && r.Event == Dispose
	}
}

// offer says what stands in the way of r, apart from what the sender is still to write.
func offer(r rule, in input) Offer {
	o := Offer{Event: r.Event, Needs: r.Needs, Blocked: forbidden(r, in)}
	if r.Event == Publish {
		in.m.library = in.c.Scan.Library // publishing brings the item under today's rules by itself
	}
	for _, g := range r.guard {
		o.Blocked = append(o.Blocked, g(in)...)
	}
	return o
}

// Trail returns what happened to the item, oldest first, refusals included.
func (d *Desk) Trail(ctx context.Context, a Actor, id ItemID) ([]Entry, error) {
	if _, err := d.open(ctx, a, id); err != nil {
		return nil, err
	}
	return d.Store.Trail(ctx, id)
}

// Revisions returns the item's revisions without bodies, oldest first.
func (d *Desk) Revisions(ctx context.Context, a Actor, id ItemID) ([]Revision, error) {
	if _, err := d.open(ctx, a, id); err != nil {
		return nil, err
	}
	return d.Store.Revisions(ctx, id)
}

// RevisionOf returns revision n whole.
func (d *Desk) RevisionOf(ctx context.Context, a Actor, id ItemID, n int) (Revision, error) {
	if _, err := d.open(ctx, a, id); err != nil {
		return Revision{}, err
	}
	return d.Store.RevisionOf(ctx, id, n)
}

// Attachment opens a file of the present revision; its reader fails if the stored bytes changed. The caller closes it.
func (d *Desk) Attachment(ctx context.Context, a Actor, id ItemID, attachment string) (Attachment, io.ReadCloser, error) {
	c, err := d.open(ctx, a, id)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(c.Revision.Attachments, func(x Attachment) bool { return x.ID == attachment })
	if i < 0 {
		return Attachment{}, nil, fmt.Errorf("attachment %s of item %d: %w", attachment, id, ErrMissing)
	}
	at := c.Revision.Attachments[i]
	at.Scan = c.FileScan(at)
	r, err := d.Blobs.Open(ctx, at.SHA256)
	if errors.Is(err, ErrQuarantined) {
		err = &RefusedError{Reasons: []Reason{{Code: "attachment_infected", Args: []string{at.Name}}}}
	}
	return at, r, err
}

// Preview returns what the channel shows or would show: the stored renditions, or before submit what would be stored. Fit
// says what does not fit.
func (d *Desk) Preview(ctx context.Context, a Actor, id ItemID, channel string) ([]Page, error) {
	c, err := d.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	ch, ok := setup.channel(channel)
	if !ok || !slices.ContainsFunc(c.Revision.Content.Channels, func(w Window) bool { return w.ID == channel }) {
		return nil, fmt.Errorf("preview of item %d on %s: %w", id, channel, ErrMissing)
	}
	if len(c.Revision.Renditions) == 0 {
		return d.Renderer.Render(setup.House, c.Item, c.Revision, ch)
	}
	var pages []Page
	for _, r := range c.Revision.Renditions {
		if r.Channel != channel {
			continue
		}
		b, err := d.blob(ctx, r.SHA256)
		if err != nil {
			return nil, fmt.Errorf("preview of item %d on %s: %w", id, channel, err)
		}
		pages = append(pages, Page{Name: r.Name, Media: r.Media, Bytes: b})
	}
	return pages, nil
}

func (d *Desk) blob(ctx context.Context, sha string) ([]byte, error) {
	r, err := d.Blobs.Open(ctx, sha)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// asked limits q to what a may see.
func asked(a Actor, q Query) Query {
	q.Keys, q.Person = a.Audience(), a.ID
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 50
	}
	return q
}

// List returns a page of items that a may see, and the cursor of the next page, empty at the end.
func (d *Desk) List(ctx context.Context, a Actor, q Query) ([]Row, string, error) {
	return d.Store.List(ctx, asked(a, q))
}

// Count returns how many items List would give in all, or q.Most if there are as many or more.
func (d *Desk) Count(ctx context.Context, a Actor, q Query) (int, error) {
	return d.Store.Count(ctx, asked(a, q))
}

// Found is an item that a search found, with the words around the place.
type Found struct {
	Row
	Where, Words string
}

// Search looks in titles, bodies, opinions and attachments of what a may see. The index only proposes: each item is opened
// again with a's own right before it is named.
func (d *Desk) Search(ctx context.Context, a Actor, query string, limit int) ([]Found, error) {
	if d.Finder == nil {
		rows, _, err := d.List(ctx, a, Query{Box: All, Text: query, Limit: limit})
		out := make([]Found, len(rows))
		for i, r := range rows {
			out[i] = Found{Row: r, Where: "title", Words: r.Title}
		}
		return out, err
	}
	hits, err := d.Finder.Find(ctx, query, a.Audience(), limit)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var out []Found
	for _, h := range hits {
		c, err := d.open(ctx, a, h.Item)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		row := Row{Item: c.Item, Waits: c.Waits()}
		for _, w := range c.Revision.Content.Channels {
			row.Channels = append(row.Channels, w.ID)
		}
		out = append(out, Found{Row: row, Where: h.Where, Words: h.Words})
	}
	return out, nil
}

// RegisterBook returns lines of 登记台账, newest first, to publishers, leaders, the chief and the auditor. The line of a sealed
// item keeps its number and nothing that leads to the item.
func (d *Desk) RegisterBook(ctx context.Context, a Actor, after string, limit int) ([]RegisterLine, string, error) {
	if !slices.ContainsFunc([]Role{Publisher, Leader, Chief, Auditor}, func(r Role) bool { return a.Has(r, "") }) {
		return nil, "", fmt.Errorf("register: %w", ErrMissing)
	}
	lines, next, err := d.Store.RegisterBook(ctx, after, limit)
	for i, l := range lines { // the book is one; titles are for those whose items they are
		if l.State.Closed() {
			lines[i].Item, lines[i].Title = 0, ""
		}
		if !a.Has(Publisher, "") && !a.Has(Chief, "") && !a.Has(Leader, l.Unit) {
			lines[i].Title = ""
		}
	}
	return lines, next, err
}

// Audit returns records of the log after a position, to the auditor. They carry no text of items.
func (d *Desk) Audit(ctx context.Context, a Actor, after int64, limit int) ([]Entry, error) {
	if !a.Has(Auditor, "") {
		return nil, fmt.Errorf("audit: %w", ErrMissing)
	}
	return d.Store.Audit(ctx, after, limit)
}
