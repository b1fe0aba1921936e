package screen

import (
	"context"
	"fmt"
	"sync"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/publish"
)

const (
	// fresh is how long one reading of the shelf serves all who fetch. Two hundred requests a second then cost two
	// readings, and a removal is still dark within a second: the board that a request gets was proven at most this long ago.
	fresh = 500 * time.Millisecond
	// most is how many items a channel lists. Older ones keep their own addresses.
	most = 200
)

// slot holds the last board of one channel. Its lock is held while a board is read, so that all who wait get the same one.
type slot struct {
	mu    sync.Mutex
	board *board
	list  *signedList
}

// board is what one channel shows at one moment.
type board struct {
	at      time.Time
	channel workflow.Channel
	setup   workflow.Setup
	cards   []*card
}

// card is one item on a board. The bytes of its renditions are read when they are first asked for.
type card struct {
	publish.Notice
	proof publish.CleanProof
	mu    sync.Mutex
	read  map[string][]byte
}

func (s *Screens) slot(id string) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots[id] == nil {
		s.slots[id] = &slot{}
	}
	return s.slots[id]
}

// board returns what the channel shows, proven less than half a second ago, or workflow.ErrMissing.
func (s *Screens) board(ctx context.Context, id string) (*board, error) {
	if len(id) > 64 {
		return nil, workflow.ErrMissing
	}
	ch, err := s.known(ctx, id)
	if err != nil {
		return nil, err
	}
	l := s.slot(ch.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := s.Now(); l.board != nil && now.Sub(l.board.at) < fresh && !now.Before(l.board.at) {
		return l.board, nil
	}
	b, err := s.read(ctx, ch.ID)
	if err != nil {
		return nil, fmt.Errorf("board of %s: %w", id, err)
	}
	l.board = b
	return b, nil
}

// known keeps invented names from taking a slot each.
func (s *Screens) known(ctx context.Context, id string) (workflow.Channel, error) {
	s.mu.Lock()
	l, ok := s.slots[id]
	s.mu.Unlock()
	if ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.board != nil {
			return l.board.channel, nil
		}
	}
	return s.Shelf.Channel(ctx, id)
}

func (s *Screens) read(ctx context.Context, id string) (*board, error) {
	b := &board{at: s.Now()}
	var err error
	if b.channel, err = s.Shelf.Channel(ctx, id); err != nil {
		return nil, err
	}
	if b.setup, err = s.Shelf.Setup(ctx); err != nil {
		return nil, err
	}
	ps, err := s.Shelf.Items(ctx, id, most)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		if c, err := newCard(p); err == nil { // otherwise its window ended this moment
			b.cards = append(b.cards, c)
		}
	}
	return b, nil
}

func newCard(p publish.CleanProof) (*card, error) {
	n, err := p.Notice()
	if err != nil {
		return nil, err
	}
	return &card{Notice: n, proof: p, read: map[string][]byte{}}, nil
}

func (b *board) halted() bool { return b.channel.State != workflow.ChannelLive }

// live returns the cards whose window is open this moment; none of a halted channel.
func (b *board) live() []*card {
	var cs []*card
	for _, c := range b.cards {
		if _, err := c.proof.Notice(); err == nil && !b.halted() {
			cs = append(cs, c)
		}
	}
	return cs
}

// rendition returns the bytes of one rendition, which the proof has hashed.
func (c *card) rendition(ctx context.Context, name string) ([]byte, error) {
	if _, err := c.proof.Notice(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if b, ok := c.read[name]; ok {
		return b, nil
	}
	b, err := c.proof.Rendition(ctx, name)
	if err != nil {
		return nil, err
	}
	c.read[name] = b
	return b, nil
}
