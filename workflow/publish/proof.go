// Package publish makes proofs and makes channels show what they should. It is apart from workflow so that not even the
// Desk can make a CleanProof, and apart from the drivers so that they can't either.
package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"qingyang/workflow"
)

// Errors of proofs.
var (
	// ErrUnproven reports the zero CleanProof.
	ErrUnproven = errors.New("no proof")
	// ErrStaleProof reports a proof that was kept: it is older than ten seconds or its window is over.
	ErrStaleProof = errors.New("proof is stale")
	// ErrChanged reports stored bytes that are not the ones that were approved.
	ErrChanged = errors.New("stored bytes are not those that were approved")
	// ErrNotApproved reports a file that the approved manifest does not list for the channel.
	ErrNotApproved = errors.New("file is not part of what was approved")
)

// maxAge is how long a proof may be used. A driver's act is shorter; whoever wants longer proves again.
const maxAge = 10 * time.Second

// Parts is what proving works with. All but Seen must be set.
type Parts struct {
	Store  workflow.Store
	Blobs  workflow.Blobs
	Signer workflow.Signer
	Seen   *workflow.Seen // nil: nothing is remembered outside the database
	Now    func() time.Time
}

// CleanProof says that one revision may be shown on one channel now. It is never stored and never a job's argument: it is
// made where it is used, from the database, and lasts for seconds. The zero value proves nothing: every method refuses it.
// It may be used by many goroutines.
type CleanProof struct{ p *proven }

type proven struct {
	notice Notice
	at     time.Time
	now    func() time.Time
	blobs  workflow.Blobs
}

// Notice is what a proof covers. Times are UTC; Until is zero if the window has no end.
type Notice struct {
	Item        workflow.ItemID
	Gen         int64 // the generation of the wish that is served
	Channel     workflow.Channel
	Number      string
	Digest      string
	Title       string
	Summary     string
	Source      string
	Column      string
	Unit        string
	PublishedAt time.Time
	From, Until time.Time
	Renditions  []workflow.Rendition // of this channel only, in the order to be shown
	Attachments []workflow.Attachment
}

// prove returns the proof that c may be shown on channel now, or everything that is against it. landed asks besides that
// the channel was already made to show it, as a fetching screen needs and a delivery can't.
func prove(p Parts, c *workflow.Case, channel string, landed bool) (CleanProof, []workflow.Reason) {
	now := p.Now().UTC()
	why := workflow.Unproven(c, p.Signer, p.Seen, now)
	n := notice(c, channel)
	n.Channel = n.Channel.Standing(p.Signer, p.Seen)
	why = append(why, placed(c, n, landed)...)
	why = append(why, timely(n, now)...)
	if len(why) > 0 {
		return CleanProof{}, why
	}
	return CleanProof{&proven{n, now, p.Now, p.Blobs}}, nil
}

func notice(c *workflow.Case, channel string) Notice {
	r := c.Revision
	n := Notice{
		Item: c.Item.ID, Number: c.Item.Number, Digest: c.Item.Digest, Unit: c.Item.Unit, Title: r.Content.Title,
		Summary: r.Content.Summary, Source: r.Content.Source, Column: r.Content.Column,
		Attachments: slices.Clone(r.Attachments), PublishedAt: publishedAt(c),
	}
	for _, x := range c.Channels {
		if x.ID == channel {
			n.Channel = x
		}
	}
	for _, x := range r.Renditions {
		if x.Channel == channel {
			n.Renditions = append(n.Renditions, x)
		}
	}
	for _, d := range c.Deliveries {
		if d.Channel == channel {
			n.Gen = d.Gen
		}
	}
	n.From, n.Until = window(c, n)
	return n
}

// publishedAt returns when the decision to publish was signed; zero if it was not. Unproven has verified the signature.
func publishedAt(c *workflow.Case) time.Time {
	for _, d := range slices.Backward(c.Decisions) {
		if d.Event == workflow.Publish && d.Round == c.Item.Round && d.Digest == c.Item.Digest {
			return d.At.UTC()
		}
	}
	return time.Time{}
}

// window returns when n may be shown: an absent beginning is the publishing, an absent end the channel's own number of
// days after it, or none. Both are zero if the revision has no window for the channel.
func window(c *workflow.Case, n Notice) (from, until time.Time) {
	for _, w := range c.Revision.Content.Channels {
		if w.ID != n.Channel.ID {
			continue
		}
		from = n.PublishedAt
		if w.From != nil && w.From.After(from) {
			from = w.From.UTC()
		}
		switch {
		case w.Until != nil:
			until = w.Until.UTC()
		case n.Channel.Days > 0:
			until = from.AddDate(0, 0, n.Channel.Days)
		}
	}
	return from, until
}

func placed(c *workflow.Case, n Notice, landed bool) []workflow.Reason {
	i := slices.IndexFunc(c.Deliveries, func(d workflow.Delivery) bool { return d.Channel == n.Channel.ID })
	var rs []workflow.Reason
	no := func(bad bool, code string) {
		if bad {
			rs = append(rs, workflow.Reason{Code: code, Args: []string{n.Channel.ID}})
		}
	}
	no(n.Channel.ID == "", "channel_unknown")
	no(n.Channel.State != workflow.ChannelLive, "channel_halted")
	no(len(n.Renditions) == 0, "rendition_missing")
	no(i < 0 || c.Deliveries[i].Want != n.Digest, "not_wanted")
	if !landed {
		rs = append(rs, c.Uncovered(n.Channel.ID)...)
	}
	no(landed && (i < 0 || c.Deliveries[i].Have != n.Digest), "not_delivered")
	return rs
}

func timely(n Notice, now time.Time) []workflow.Reason {
	switch {
	case n.From.IsZero():
		return []workflow.Reason{{Code: "no_window"}}
	case now.Before(n.From):
		return []workflow.Reason{{Code: "too_early"}}
	case !n.Until.IsZero() && !now.Before(n.Until):
		return []workflow.Reason{{Code: "window_over"}}
	}
	return nil
}

// valid returns what is proven, or ErrUnproven or ErrStaleProof.
func (p CleanProof) valid() (*proven, error) {
	if p.p == nil {
		return nil, ErrUnproven
	}
	now := p.p.now()
	if now.Sub(p.p.at) > maxAge || len(timely(p.p.notice, now)) > 0 {
		return nil, fmt.Errorf("item %d: %w", p.p.notice.Item, ErrStaleProof)
	}
	return p.p, nil
}

// Notice returns what is proven. Errors: ErrUnproven, ErrStaleProof.
func (p CleanProof) Notice() (Notice, error) {
	v, err := p.valid()
	if err != nil {
		return Notice{}, err
	}
	return v.notice, nil
}

// Rendition returns the bytes of one of Notice.Renditions, hashed again. Errors: ErrUnproven, ErrStaleProof,
// ErrNotApproved, ErrChanged, or the store's.
func (p CleanProof) Rendition(ctx context.Context, name string) ([]byte, error) {
	v, err := p.valid()
	if err != nil {
		return nil, err
	}
	for _, r := range v.notice.Renditions {
		if r.Name == name {
			var b bytes.Buffer
			if err := v.copy(ctx, &b, r.SHA256, r.Size); err != nil {
				return nil, fmt.Errorf("%s of item %d: %w", name, v.notice.Item, err)
			}
			return b.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("%s of item %d: %w", name, v.notice.Item, ErrNotApproved)
}

// Attachment writes the attachment with that SHA-256 to w and returns it. If it returns an error, w holds bytes that must
// not be shown: ErrUnproven, ErrStaleProof, ErrNotApproved, ErrChanged, or the store's.
func (p CleanProof) Attachment(ctx context.Context, sha string, w io.Writer) (workflow.Attachment, error) {
	v, err := p.valid()
	if err != nil {
		return workflow.Attachment{}, err
	}
	for _, a := range v.notice.Attachments {
		if a.SHA256 == sha {
			if err := v.copy(ctx, w, a.SHA256, a.Size); err != nil {
				return workflow.Attachment{}, fmt.Errorf("attachment %s of item %d: %w", a.ID, v.notice.Item, err)
			}
			return a, nil
		}
	}
	return workflow.Attachment{}, fmt.Errorf("attachment of item %d: %w", v.notice.Item, ErrNotApproved)
}

// copy trusts the object store with nothing: length and hash are those of the signed manifest.
func (p *proven) copy(ctx context.Context, w io.Writer, sha string, size int64) (err error) {
	r, err := p.blobs.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, w), io.LimitReader(r, size+1))
	if err != nil {
		return err
	}
	if n != size || !strings.EqualFold(hex.EncodeToString(h.Sum(nil)), sha) {
		return ErrChanged
	}
	return nil
}
