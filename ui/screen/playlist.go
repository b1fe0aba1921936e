package screen

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

const (
	// lease is how long a screen that has lost the server may go on with what it has. It bounds what an unreachable screen
	// shows after a takedown.
	lease = time.Minute
	// renew is how old a playlist may get before a new one with a new lease is signed; until then it answers 304.
	renew = lease / 4
	// pageTime is how long one page stands.
	pageTime = 12
	// playlistDomain keeps a signature over a playlist from passing as one over anything else.
	playlistDomain = "qingyang playlist v1\n"
)

// Playlist tells a screen what to show. A screen keeps the highest Sequence it saw and ignores lower ones; past Lease it
// goes neutral. Times are RFC 3339 with offset.
type Playlist struct {
	V        int            `json:"v"`
	Channel  string         `json:"channel"`
	Kind     string         `json:"kind"`
	State    string         `json:"state"` // live or halted
	Sequence int64          `json:"sequence"`
	Issued   time.Time      `json:"issued"`
	Lease    time.Time      `json:"lease"`
	Message  string         `json:"message,omitempty"` // what a halted screen says
	Items    []PlaylistItem `json:"items"`
}

// PlaylistItem is one item with the pages to show one after another.
type PlaylistItem struct {
	Number string         `json:"number"`
	Title  string         `json:"title"`
	Digest string         `json:"digest"`
	From   time.Time      `json:"from"`
	Until  *time.Time     `json:"until,omitempty"`
	Pages  []PlaylistPage `json:"pages"`
}

// PlaylistPage is one stored rendition, shown for so many seconds. Its bytes have that SHA-256.
type PlaylistPage struct {
	URL     string `json:"url"`
	Name    string `json:"name"`
	Media   string `json:"media"`
	SHA256  string `json:"sha256"`
	Seconds int    `json:"seconds"`
}

// signedList is the playlist as sent, and when it was signed.
type signedList struct {
	content []byte // without sequence and times: what changes with the items
	issued  time.Time
	sent    []byte
}

type envelope struct {
	Playlist json.RawMessage `json:"playlist"` // the bytes that are signed, after a first line "qingyang playlist v1"
	Key      string          `json:"key"`
	Sig      string          `json:"sig"`
}

func (s *Screens) playlist(c *gate.Call, b *board) error {
	out, err := s.signed(b)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("X-Config-Version", strconv.FormatInt(b.channel.Gen, 10))
	h.Set("Date", s.Now().UTC().Format(http.TimeFormat)) // of the clock that the lease was made by
	return send(c, "application/json; charset=utf-8", out)
}

// signed returns the present playlist: the last one while it says the same and is young, so that screens get 304.
func (s *Screens) signed(b *board) ([]byte, error) {
	p := compile(b)
	content, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	l := s.slot(b.channel.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := s.Now()
	if l.list != nil && bytes.Equal(l.list.content, content) && now.Sub(l.list.issued) < renew {
		return l.list.sent, nil
	}
	if l.board != nil && b.at.Before(l.board.at) { // a newer board was read meanwhile: nothing older may get a newer number
		if content, err = json.Marshal(compile(l.board)); err != nil {
			return nil, err
		}
		p = compile(l.board)
	}
	if l.list != nil && !now.After(l.list.issued) {
		now = l.list.issued.Add(time.Microsecond)
	}
	sent, err := s.sign(p, now)
	if err != nil {
		return nil, err
	}
	l.list = &signedList{content, now, sent}
	return sent, nil
}

func (s *Screens) sign(p Playlist, now time.Time) ([]byte, error) {
	p.Sequence, p.Issued, p.Lease = now.UnixMicro(), now.UTC(), now.UTC().Add(lease)
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	key, sig := s.Signer.Sign(append([]byte(playlistDomain), raw...))
	return json.Marshal(envelope{raw, key, sig})
}

func compile(b *board) Playlist {
	p := Playlist{V: 1, Channel: b.channel.ID, Kind: b.channel.Kind, State: b.channel.State, Items: []PlaylistItem{}}
	if b.halted() {
		p.Message = maintenanceLine
	}
	for _, x := range b.live() {
		it := PlaylistItem{Number: x.Number, Title: x.Title, Digest: x.Digest, From: x.From, Pages: []PlaylistPage{}}
		if !x.Until.IsZero() {
			it.Until = &x.Until
		}
		for _, r := range x.Renditions {
			it.Pages = append(it.Pages, PlaylistPage{base(b) + "pages/" + r.SHA256, r.Name, r.Media, r.SHA256, pageTime})
		}
		p.Items = append(p.Items, it)
	}
	return p
}

// Receipt is what a screen says it shows now.
type Receipt struct {
	Sequence int64         `json:"sequence"`
	Showing  []ReceiptItem `json:"showing"`
}

// ReceiptItem is one item on a screen.
type ReceiptItem struct {
	Number string `json:"number"`
	Digest string `json:"digest"`
}

// receipt confirms what a screen says and the shelf agrees with; a screen that shows anything else is told so to the log.
func (s *Screens) receipt(c *gate.Call, b *board) error {
	if b.channel.Kind == workflow.Portal {
		return workflow.ErrMissing
	}
	var r Receipt
	if err := c.Read(&r); err != nil {
		return err
	}
	ctx := c.Request().Context()
	for _, x := range r.Showing {
		if !onBoard(b, x) {
			s.Log.WarnContext(ctx, "screen shows what it should not", slog.String("channel", b.channel.ID), slog.String("number", x.Number))
			continue
		}
		if err := s.Confirm(ctx, b.channel.ID, x.Number, x.Digest); err != nil {
			return err
		}
	}
	return c.NoContent(204)
}

func onBoard(b *board, r ReceiptItem) bool {
	for _, x := range b.live() {
		if x.Number == r.Number && x.Digest == r.Digest {
			return true
		}
	}
	return false
}
