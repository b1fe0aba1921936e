package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"qingyang/ui/screen"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

const (
	// listDomain is the first line of what is signed, so that no other signature passes as one over a playlist.
	listDomain = "qingyang playlist v1\n"
	// longestLease is the most that a playlist may claim.
	longestLease = 24 * time.Hour
)

var (
	errReplayed = errors.New("播放单比已见过的旧 (the playlist is older than one that was seen)")
	errStrange  = errors.New("不是本屏的播放单 (not a playlist for this screen)")
	errSetBack  = errors.New("本机时钟早于上次收到播放单的时间 (the clock is before the last playlist)")
)

// sentList is a playlist as the server sends it; the signature is over listDomain and the very bytes of Playlist.
type sentList struct {
	Playlist json.RawMessage `json:"playlist"`
	Key      string          `json:"key"`
	Sig      string          `json:"sig"`
}

// seen is the newest playlist that this box ever accepted: nothing older is accepted again, also after a restart.
type seen struct {
	Sequence int64     `json:"sequence"`
	Issued   time.Time `json:"issued"`
}

// clock is a box's two clocks: one that can be set, and one that only goes on.
type clock struct {
	wall func() time.Time
	mono func() time.Duration
}

// judge decides what may be shown: it believes signatures, and time only forwards. It is not safe for concurrent use.
type judge struct {
	clock
	dir     string // holds seen.json and playlist.json
	channel string
	keys    ledger.PublicKeys
	seen    seen
	at      time.Duration    // of clock.mono when the newest playlist came
	list    *screen.Playlist // nil: nothing may be shown
}

// now is the later of the wall clock and the newest signed time with what has passed since: setting the clock back makes
// nothing last longer. A clock that is ahead makes it dark early.
func (j *judge) now() time.Time {
	floor := j.seen.Issued.Add(j.mono() - j.at)
	if w := j.wall(); w.After(floor) {
		return w
	}
	return floor
}

// accept takes a playlist that is newer than all before. What it returns besides errStrange, errReplayed and ledger's
// errors comes from the disk; the list counts all the same, since a removal must not wait for a disk.
func (j *judge) accept(sent []byte) error {
	l, err := j.read(sent)
	if err != nil {
		return err
	}
	if l.Sequence <= j.seen.Sequence || l.Issued.Before(j.seen.Issued) {
		return errReplayed
	}
	j.seen, j.at, j.list = seen{l.Sequence, l.Issued}, j.mono(), l
	note, err := json.Marshal(j.seen)
	if err != nil {
		return err
	}
	return errors.Join(writeFile(j.file("seen.json"), note, 0o600), writeFile(j.file("playlist.json"), sent, 0o600))
}

// read verifies a playlist and what it says of itself.
func (j *judge) read(sent []byte) (*screen.Playlist, error) {
	var s sentList
	var l screen.Playlist
	if err := json.Unmarshal(sent, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", errStrange, err)
	}
	if err := j.keys.Verify(s.Key, append([]byte(listDomain), s.Playlist...), s.Sig); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(s.Playlist))
	d.DisallowUnknownFields() // a newer server may restrict what we would not understand
	if err := d.Decode(&l); err != nil {
		return nil, fmt.Errorf("%w: %w", errStrange, err)
	}
	if err := j.ours(l); err != nil {
		return nil, err
	}
	return &l, nil
}

// ours returns errStrange for a list that a box can't show: of another channel or kind, without a sensible lease, or with
// pages that are named by no hash.
func (j *judge) ours(l screen.Playlist) error {
	span := l.Lease.Sub(l.Issued)
	if l.V != 1 || l.Channel != j.channel || span <= 0 || span > longestLease {
		return errStrange
	}
	if !slices.Contains([]string{workflow.TV, workflow.Kiosk, workflow.Wayfinding}, l.Kind) {
		return fmt.Errorf("%w: %s", errStrange, l.Kind)
	}
	for _, it := range l.Items {
		if slices.ContainsFunc(it.Pages, func(p screen.PlaylistPage) bool { return !hash64.MatchString(p.SHA256) }) {
			return errStrange
		}
	}
	return nil
}

// recall takes up what was shown before a restart. errSetBack if the clock is not to be believed: then nothing is shown
// until the server has been reached.
func (j *judge) recall() error {
	note, err := os.ReadFile(j.file("seen.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(note, &j.seen)
	}
	if err != nil {
		return fmt.Errorf("seen.json: %w", err)
	}
	j.at = j.mono()
	sent, err := os.ReadFile(j.file("playlist.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := j.read(sent)
	switch {
	case err != nil:
		return err
	case l.Sequence != j.seen.Sequence:
		return errReplayed
	case j.wall().Before(j.seen.Issued):
		return errSetBack
	}
	j.list = l
	return nil
}

// forget drops the list, as when the server does not know this screen any more.
func (j *judge) forget() error {
	j.list = nil
	err := os.Remove(j.file("playlist.json"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

func (j *judge) file(name string) string { return filepath.Join(j.dir, name) }

// due is what may be shown now: the present list with those items whose window is open and for which whole holds. Its
// lease is over if nothing may be shown.
func (j *judge) due(whole func(screen.PlaylistItem) bool) screen.Playlist {
	now := j.now()
	if j.list == nil || !now.Before(j.list.Lease) {
		return screen.Playlist{V: 1, Channel: j.channel, State: workflow.ChannelLive, Sequence: j.seen.Sequence, Issued: now, Lease: now, Items: []screen.PlaylistItem{}}
	}
	l := *j.list
	l.Items = []screen.PlaylistItem{}
	for _, it := range j.list.Items {
		open := !now.Before(it.From) && (it.Until == nil || now.Before(*it.Until))
		if open && l.State == workflow.ChannelLive && whole(it) {
			l.Items = append(l.Items, it)
		}
	}
	return l
}
