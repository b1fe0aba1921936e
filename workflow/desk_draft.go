package workflow

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"qingyang/review"
	"qingyang/workflow/ledger"
)

// Limits of a form. Lengths are in characters, sizes in bytes.
const (
	MaxTitle       = 200
	MaxBody        = 200 << 10
	MaxSummary     = 500
	MaxSource      = 200
	MaxText        = 2000
	MaxFile        = 100 << 20
	MaxAttachments = 20
	MaxFileName    = 200
)

// Create stores a first revision. Errors: *InvalidError, *RefusedError for who is no drafter.
func (d *Desk) Create(ctx context.Context, a Actor, c Content) (*View, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	if !a.Has(Drafter, a.Unit) && !a.Has(UnitHead, a.Unit) {
		err := &RefusedError{Denied: true, Reasons: []Reason{{Code: "role", Args: []string{string(Drafter)}}}}
		return nil, errors.Join(err, d.note(ctx, refusal(record(d.now(), a, "", Create, nil), err)))
	}
	if c, err = checked(c, setup); err != nil {
		return nil, err
	}
	now := d.now()
	rev := Revision{N: 1, By: a.ID, ByName: a.Name, At: now, Content: c}
	it := Item{
		State: Draft, Revision: 1, Round: 1, Class: classOf(c, setup), Urgency: c.Urgency, Unit: a.Unit, Author: a.ID,
		AuthorName: a.Name, Title: c.Title, Column: c.Column, Created: now, Since: now, Route: setup.routeOf(a.Unit),
	}
	rec := record(now, a, Drafter, Create, nil)
	rec.Revision, rec.Round, rec.To = 1, 1, string(Draft)
	route := setup.route(it.Route)
	ch := Change{
		Attest: func(it Item, rec ledger.Record) ledger.Record {
			return Attest(d.Signer, rec, &Case{Item: it, Route: route, Revision: rev, Hands: a.hands(AuthorDuty)})
		},
		Item: it, Revision: &rev, Hands: a.hands(AuthorDuty), Audience: parties(it), Record: rec,
		Waits: (&Case{Item: it}).Waits(),
	}
	var id ItemID
	err = d.Store.InTx(ctx, func(tx Tx) (err error) {
		id, err = tx.Create(ctx, ch, func(it Item) string { return NewManifest(it, rev).Digest() })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create item: %w", err)
	}
	return d.View(ctx, a, id)
}

func (d *Desk) note(ctx context.Context, rec ledger.Record) error {
	return d.Store.InTx(ctx, func(tx Tx) error { return tx.Note(ctx, rec) })
}

func (s Setup) routeOf(unit string) string {
	for _, r := range s.Routes {
		if r.Unit == unit {
			return r.name()
		}
	}
	return ""
}

// route returns the route of that name; the zero Route if there is none.
func (s Setup) route(name string) Route {
	for _, r := range s.Routes {
		if r.name() == name {
			return r
		}
	}
	return Route{}
}

func (r Route) name() string { return fmt.Sprintf("%s@%d", r.ID, r.Version) }

// Edit stores c as a new revision. Errors: *InvalidError, ErrStale, ErrIllegal, *RefusedError, ErrMissing.
func (d *Desk) Edit(ctx context.Context, a Actor, id ItemID, version int64, c Content) (*View, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	if c, err = checked(c, setup); err != nil {
		return nil, err
	}
	return d.revise(ctx, a, id, Move{Version: version, Event: Edit}, func(r *Revision) error { r.Content = c; return nil })
}

// revise makes a new revision of the present one by change, with m. The digest is the case's own: drafts change by version alone.
func (d *Desk) revise(ctx context.Context, a Actor, id ItemID, m Move, change func(*Revision) error) (*View, error) {
	c, err := d.Store.Case(ctx, id)
	if err != nil || !visible(a, c) {
		return nil, fmt.Errorf("%s item %d: %w", m.Event, id, errors.Join(err, missing(err)))
	}
	rev := c.Revision
	rev.Attachments = slices.Clone(rev.Attachments)
	rev.Contests = c.contestable()
	rev.N, rev.By, rev.ByName, rev.At, rev.Renditions = rev.N+1, a.ID, a.Name, d.now(), nil
	if err := change(&rev); err != nil {
		return nil, err
	}
	m.Item, m.Digest, m.revision = id, c.Item.Digest, &rev
	if err := d.move(ctx, a, m); err != nil {
		return nil, err
	}
	return d.View(ctx, a, id)
}

func missing(err error) error {
	if err == nil {
		return ErrMissing
	}
	return nil
}

// Attach stores r as a file of the item in a new revision. Errors: *InvalidError with Too "large" or "type", and Edit's.
func (d *Desk) Attach(ctx context.Context, a Actor, id ItemID, version int64, name string, r io.Reader) (Attachment, *View, error) {
	c, err := d.attachable(ctx, a, id, version)
	if err != nil {
		return Attachment{}, nil, err
	}
	if name, err = fileName(name); err != nil {
		return Attachment{}, nil, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Attachment{}, nil, fmt.Errorf("read upload: %w", err)
	}
	if n == 0 {
		return Attachment{}, nil, &InvalidError{Reasons: []Reason{{Code: "file_empty", Field: "file"}}}
	}
	media, err := d.Door.Admit(name, head[:n])
	if err != nil {
		return Attachment{}, nil, err
	}
	at := Attachment{ID: d.id(), Name: name, Media: media}
	if err := d.take(ctx, a, c, &at, io.MultiReader(bytes.NewReader(head[:n]), r)); err != nil {
		return Attachment{}, nil, err
	}
	v, err := d.revise(ctx, a, id, Move{Version: version, Event: Attach, file: &at}, func(r *Revision) error {
		if len(r.Attachments) >= MaxAttachments {
			return &InvalidError{Reasons: []Reason{{Code: "too_many_files", Field: "file", Args: []string{strconv.Itoa(MaxAttachments)}}}}
		}
		r.Attachments = append(r.Attachments, at)
		return nil
	})
	return at, v, err
}

// take stores what r holds as at, and judges it as a whole: whether it can be read, and what antivirus says.
func (d *Desk) take(ctx context.Context, a Actor, c *Case, at *Attachment, r io.Reader) (err error) {
	if at.SHA256, at.Size, err = d.Blobs.Put(ctx, r, MaxFile); err != nil {
		return fmt.Errorf("store upload: %w", err)
	}
	err = d.Door.Whole(ctx, d.upload(*at))
	if errors.Is(err, ErrQuarantined) {
		return d.knownMalware(ctx, a, c, at.Name)
	}
	if err == nil {
		at.Scan, err = d.received(ctx, a, c, *at)
	}
	if err != nil {
		return fmt.Errorf("upload %q: %w", at.SHA256, err)
	}
	return nil
}

// attachable refuses before a large file is read what would be refused after it.
func (d *Desk) attachable(ctx context.Context, a Actor, id ItemID, version int64) (*Case, error) {
	c, err := d.Store.Case(ctx, id)
	if err != nil || !visible(a, c) {
		return nil, errors.Join(err, missing(err))
	}
	m := Move{Item: id, Version: version, Digest: c.Item.Digest, Event: Attach}
	if m.Version != c.Item.Version {
		return nil, d.refuse(ctx, a, m, ErrStale)
	}
	if len(applicable(c, m)) == 0 {
		return nil, d.refuse(ctx, a, m, ErrIllegal)
	}
	return c, nil
}

// Detach drops a file in a new revision; the older revisions keep it.
func (d *Desk) Detach(ctx context.Context, a Actor, id ItemID, version int64, attachment string) (*View, error) {
	return d.revise(ctx, a, id, Move{Version: version, Event: Detach}, func(r *Revision) error {
		n := len(r.Attachments)
		r.Attachments = slices.DeleteFunc(r.Attachments, func(x Attachment) bool { return x.ID == attachment })
		if len(r.Attachments) == n {
			return ErrMissing
		}
		return nil
	})
}

func (d *Desk) id() string {
	b := make([]byte, 8)
	if _, err := io.ReadFull(d.Rand, b); err != nil {
		panic(err) // crypto/rand does not fail
	}
	return hex.EncodeToString(b)
}

// Check scans c as it stands and saves nothing: the author's live self-check.
func (d *Desk) Check(ctx context.Context, a Actor, c Content) (review.Report, error) {
	if !a.Has(Drafter, "") && !a.Has(UnitHead, "") {
		return review.Report{}, ErrMissing
	}
	return d.Scanner.Scan(ctx, review.Document{Digest: "check", Parts: parts(c)})
}

// Dispose gives a finding, and all identical ones of the item, a verdict with a reason.
func (d *Desk) Dispose(ctx context.Context, a Actor, id ItemID, version int64, finding string, v Verdict, reason string) (*View, error) {
	c, err := d.Store.Case(ctx, id)
	if err != nil || !visible(a, c) {
		return nil, errors.Join(err, missing(err))
	}
	m := Move{Item: id, Version: version, Digest: c.Item.Digest, Event: Dispose, Reason: reason, finding: finding, verdict: v}
	if err := d.weigh(ctx, a, &m, c); err != nil {
		return nil, err
	}
	if v == Accept {
		m.phrase = d.phraseFor(ctx, c, finding)
	}
	if err := d.move(ctx, a, m); err != nil {
		return nil, err
	}
	return d.View(ctx, a, id)
}

// bounded gives a window on a screen its end: what is signed says until when.
func bounded(w Window, ch Channel, now time.Time) Window {
	if w.Until != nil || ch.Days == 0 {
		return w
	}
	if w.From != nil && w.From.After(now) {
		now = *w.From
	}
	end := now.AddDate(0, 0, ch.Days)
	w.Until = &end
	return w
}

// maxPages is how many pages one channel shows of an item.
const maxPages = 40

// showable refuses renditions that nobody could read through, or that hold marks which turn the order of letters round.
func showable(pages []Page) error {
	if len(pages) > maxPages {
		return &InvalidError{Reasons: []Reason{{Code: "too_long", Field: "body_html", Args: []string{strconv.Itoa(maxPages)}}}}
	}
	for _, p := range pages {
		if strings.HasPrefix(p.Media, "text/") && bytes.ContainsFunc(p.Bytes, turning) {
			return &InvalidError{Reasons: []Reason{{Code: "unknown_value", Field: "body_html"}}}
		}
	}
	return nil
}

// rendered makes the renditions of the present revision and stores them; the move takes them into the digest.
func (d *Desk) rendered(ctx context.Context, a Actor, m Move) (*Revision, error) {
	c, err := d.Store.Case(ctx, m.Item)
	if err != nil || !visible(a, c) {
		return nil, errors.Join(err, missing(err))
	}
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := judge(ctx, input{c: c, a: a, m: m, now: d.now(), signer: d.Signer, whole: c.genuine(d.Signer)}); err != nil {
		return nil, d.refuse(ctx, a, m, err) // nothing is rendered for a move that would be refused
	}
	rev := c.Revision
	rev.Renditions, rev.Contests = nil, slices.Clone(c.contestable())
	for i, k := range rev.Contests {
		for _, ct := range m.Contest {
			if ct.Finding == k.Finding {
				rev.Contests[i].Reason = ct.Reason
			}
		}
	}
	rev.Content.Channels = slices.Clone(rev.Content.Channels)
	for i, w := range rev.Content.Channels {
		ch, _ := setup.channel(w.ID)
		if !rev.Content.Standby { // its time begins when the emergency does
			rev.Content.Channels[i] = bounded(w, ch, d.now())
		}
		pages, err := d.Renderer.Render(setup.House, c.Item, rev, ch)
		if err != nil {
			return nil, fmt.Errorf("render for %s: %w", w.ID, err)
		}
		stored, err := d.storePages(ctx, w.ID, pages)
		if err != nil {
			return nil, err
		}
		rev.Renditions = append(rev.Renditions, stored...)
	}
	return &rev, nil
}

func (d *Desk) storePages(ctx context.Context, channel string, pages []Page) ([]Rendition, error) {
	if err := showable(pages); err != nil {
		return nil, err
	}
	var out []Rendition
	for _, p := range pages {
		sha, size, err := d.Blobs.Put(ctx, bytes.NewReader(p.Bytes), MaxFile)
		if err != nil {
			return nil, fmt.Errorf("store rendition for %s: %w", channel, err)
		}
		out = append(out, Rendition{channel, p.Name, p.Media, sha, size})
	}
	return out, nil
}
