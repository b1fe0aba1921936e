package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"qingyang/workflow"
)

// Errors of the shelf.
var (
	// ErrGone reports an item that was public once and is no more.
	ErrGone = errors.New("item is no longer public")
	// ErrHalted reports a channel that shows its maintenance page.
	ErrHalted = errors.New("channel is halted")
)

// Shelf is what the public may see: everything is proven at each call, from the database as it stands.
type Shelf struct{ parts Parts }

// NewShelf returns the shelf of p's store.
func NewShelf(p Parts) *Shelf {
	p.Signer = Remembering(p.Signer)
	return &Shelf{p}
}

// Items returns proofs of what the channel shows now, last published first: of the limit items that it was made to show
// last, those that are proven and inside their window. None is no error; nor is a halted channel.
func (s *Shelf) Items(ctx context.Context, channel string, limit int) ([]CleanProof, error) {
	ids, err := s.parts.Store.Shelf(ctx, channel, limit)
	if err != nil {
		return nil, fmt.Errorf("shelf of %s: %w", channel, err)
	}
	var ps []CleanProof
	for _, id := range ids {
		c, err := s.parts.Store.Case(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("shelf of %s: item %d: %w", channel, id, err)
		}
		if p, why := prove(s.parts, c, channel, true); len(why) == 0 {
			ps = append(ps, p)
		}
	}
	slices.SortStableFunc(ps, func(a, b CleanProof) int { return b.p.notice.PublishedAt.Compare(a.p.notice.PublishedAt) })
	return ps, nil
}

// Item returns the proof of the item with that register number. Errors: ErrGone if it was published once,
// workflow.ErrMissing if not, ErrHalted while the channel shows nothing.
func (s *Shelf) Item(ctx context.Context, channel, number string) (CleanProof, error) {
	id, err := s.parts.Store.ByNumber(ctx, number)
	if err != nil {
		return CleanProof{}, err
	}
	c, err := s.parts.Store.Case(ctx, id)
	if err != nil {
		return CleanProof{}, err
	}
	p, why := prove(s.parts, c, channel, true)
	switch {
	case c.Item.Number != number && len(why) == 0: // the number became void; the item has another now
		return CleanProof{}, fmt.Errorf("item %d under an old number: %w", id, ErrGone)
	case len(why) == 0:
		return p, nil
	case slices.ContainsFunc(why, func(r workflow.Reason) bool { return r.Code == "channel_halted" }):
		return CleanProof{}, ErrHalted
	case wasPublic(c, channel):
		return CleanProof{}, fmt.Errorf("item %d: %w", id, ErrGone)
	}
	return CleanProof{}, workflow.ErrMissing
}

// Tomb returns what may stand where the item with that register number stood on the channel, and the proof of what took its
// place: the zero proof unless that is shown there now. Errors: workflow.ErrMissing.
func (s *Shelf) Tomb(ctx context.Context, channel, number string) (workflow.Tombstone, CleanProof, error) {
	id, err := s.parts.Store.ByNumber(ctx, number)
	if err != nil {
		return workflow.Tombstone{}, CleanProof{}, err
	}
	c, err := s.parts.Store.Case(ctx, id)
	if err != nil {
		return workflow.Tombstone{}, CleanProof{}, err
	}
	t := c.Tomb(s.parts.Signer)
	if t.Target == "" {
		return t, CleanProof{}, nil
	}
	p, err := s.Item(ctx, channel, t.Target)
	if err != nil { // what was to take its place is not shown either
		t.Target = ""
		return t, CleanProof{}, nil //nolint:nilerr // a tombstone needs no successor
	}
	return t, p, nil
}

// wasPublic holds for an item that someone once published and that the channel showed or was to show: it is not wanted
// there any more, or its window is over, or it was proven once and is not now.
func wasPublic(c *workflow.Case, channel string) bool {
	return slices.ContainsFunc(c.Decisions, func(d workflow.Decision) bool { return d.Event == workflow.Publish }) &&
		slices.ContainsFunc(c.Deliveries, func(d workflow.Delivery) bool {
			return d.Channel == channel && (d.Want == "" || d.Have == d.Want)
		})
}

// Channel returns a channel as it is now, or workflow.ErrMissing.
func (s *Shelf) Channel(ctx context.Context, id string) (workflow.Channel, error) {
	cs, err := s.parts.Store.Channels(ctx)
	if err != nil {
		return workflow.Channel{}, fmt.Errorf("channels: %w", err)
	}
	for _, c := range cs {
		if c.ID == id {
			return c.Standing(s.parts.Signer, s.parts.Seen), nil
		}
	}
	return workflow.Channel{}, fmt.Errorf("channel %s: %w", id, workflow.ErrMissing)
}

// Setup returns the configuration of the house, or workflow.ErrMissing before there is one.
func (s *Shelf) Setup(ctx context.Context) (workflow.Setup, error) { return s.parts.Store.Setup(ctx) }
