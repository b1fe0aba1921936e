package channel

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/publish"
)

// The files of a Folder. Vendors' programs read the current ones; the fence is ours.
const (
	fenceFile    = "fence.json"
	textFile     = "current.txt"
	gbFile       = "current.gb18030.txt"
	pictureFile  = "current.png"
	playlistFile = "playlist.json"

	stripText    = "strip.txt"
	stripPicture = "strip.png"
)

// Folder drives an LED strip through a folder that its vendor's program reads: current.txt in UTF-8 and
// current.gb18030.txt, one line for each item, current.png with the same as dots, and playlist.json. Each file is replaced
// whole. It may be used by many goroutines and processes.
type Folder struct {
	Strip
	mu sync.Mutex
}

// Strip is what a Folder drives. All must be set.
type Strip struct {
	Channel     string // id: a fence of another channel is not believed
	Dir         string // made if it is not there
	Height      int    // in dots
	Maintenance string // the line shown while the channel is halted
	Sealer      Sealer
	// Tampered is told that somebody else wrote in the folder, after it was put right: what is FenceEdited or FilesEdited.
	Tampered func(ctx context.Context, channel, what string) error
}

// Sealer signs the fence. The folder lies open to a vendor's program and to whoever reaches it over the network: a fence
// is believed only if we wrote it.
type Sealer interface {
	Sign(msg []byte) (key, sig string)
	Verify(key string, msg []byte, sig string) bool
}

// What was edited in a folder.
const (
	FenceEdited = "fence"
	FilesEdited = "files"
)

// NewFolder returns the driver of s.
func NewFolder(s Strip) (*Folder, error) {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil { //nolint:gosec // read by a vendor's program under another account
		return nil, fmt.Errorf("led folder: %w", err)
	}
	return &Folder{Strip: s}, nil
}

// fence is all that the folder knows, in one file: what stands there, and the last generation of everything that ever did.
// The current files follow from it.
type fence struct {
	Channel int64                     `json:"channel"` // the channel's generation
	Halted  bool                      `json:"halted"`
	Items   map[workflow.ItemID]entry `json:"items"`
}

// sealed is the fence file. Sig is over the channel and Fence.
type sealed struct {
	Fence json.RawMessage `json:"fence"`
	Key   string          `json:"key"`
	Sig   string          `json:"sig"`
}

// entry is what is known of one item. Without Digest it is only the fence of one that went.
type entry struct {
	Gen     int64      `json:"gen"`
	Digest  string     `json:"digest,omitempty"`
	Number  string     `json:"number,omitempty"`
	From    *time.Time `json:"from,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Text    []byte     `json:"text,omitempty"`
	Picture []byte     `json:"picture,omitempty"`
}

// Put shows what p proves. Errors: publish.ErrFenced, the proof's, or the disk's.
func (f *Folder) Put(ctx context.Context, p publish.CleanProof) error {
	n, err := p.Notice()
	if err != nil {
		return err
	}
	e := entry{Gen: n.Gen, Digest: n.Digest, Number: n.Number, From: instant(n.From), Until: instant(n.Until)}
	if e.Text, err = p.Rendition(ctx, stripText); err != nil {
		return err
	}
	if e.Picture, err = p.Rendition(ctx, stripPicture); err != nil {
		return err
	}
	return f.change(ctx, func(s *fence) error {
		if s.Halted || s.Channel > n.Channel.Gen || s.Items[n.Item].Gen > n.Gen {
			return publish.ErrFenced
		}
		if _, err := p.Notice(); err != nil { // the proof may have gone stale while the folder was locked
			return err
		}
		s.Items[n.Item] = e
		return nil
	})
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Remove takes the item away and keeps its generation as a fence. Item 0 only makes the files right.
func (f *Folder) Remove(ctx context.Context, id workflow.ItemID, gen int64) error {
	return f.change(ctx, func(s *fence) error {
		if id != 0 && s.Items[id].Gen <= gen {
			s.Items[id] = entry{Gen: gen}
		}
		return nil
	})
}

// Halt shows the maintenance line alone.
func (f *Folder) Halt(ctx context.Context, gen int64) error { return f.state(ctx, gen, true) }

// Resume shows nothing until something is put.
func (f *Folder) Resume(ctx context.Context, gen int64) error { return f.state(ctx, gen, false) }

func (f *Folder) state(ctx context.Context, gen int64, halted bool) error {
	return f.change(ctx, func(s *fence) error {
		if gen < s.Channel || gen == s.Channel && halted == s.Halted {
			return nil
		}
		s.Channel, s.Halted = gen, halted
		for id, e := range s.Items {
			s.Items[id] = entry{Gen: e.Gen}
		}
		return nil
	})
}

// Observe reads what stands in the folder. If the current files are not what follows from the fence file, Item 0 is among
// what it returns: something else wrote there.
func (f *Folder) Observe(context.Context) (seen []publish.Observed, err error) {
	err = f.locked(func(s *fence, honest bool) error {
		for id, e := range s.Items {
			if e.Digest != "" {
				seen = append(seen, publish.Observed{
					Item: id, Gen: e.Gen, Digest: e.Digest,
					Hashes: map[string]string{stripText: hash(e.Text), stripPicture: hash(e.Picture)},
				})
			}
		}
		want, err := f.compose(s)
		if err != nil || honest && f.stands(want) {
			return err
		}
		seen = append(seen, publish.Observed{})
		return nil
	})
	return seen, err
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// change applies g to the fence, writes it, and makes the current files follow. The fence goes first: a crash between the
// two leaves files that Observe tells from the fence, and a removal whose delivery is still open. What somebody else wrote is
// put right on the way, and told once the folder is free again: a removal waits for nothing.
func (f *Folder) change(ctx context.Context, g func(*fence) error) error {
	var edited string
	err := f.locked(func(s *fence, honest bool) error {
		before, err := json.Marshal(s)
		if err != nil {
			return err
		}
		want, err := f.compose(s)
		if err != nil {
			return err
		}
		stood := f.stands(want)
		edited = doubt(honest, stood, s)
		refused := g(s)
		after, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if same := bytes.Equal(before, after); same && honest && stood {
			return refused
		}
		return errors.Join(refused, f.follow(s, after))
	})
	if edited == "" {
		return err
	}
	return errors.Join(err, f.Tampered(ctx, f.Channel, edited))
}

// doubt says what was edited, or "". A folder in which nothing was ever done is empty, and nobody edited it.
func doubt(honest, stood bool, s *fence) string {
	switch {
	case !honest:
		return FenceEdited
	case !stood && (s.Channel > 0 || len(s.Items) > 0):
		return FilesEdited
	}
	return ""
}

// follow writes the fence and the files that follow from it.
func (f *Folder) follow(s *fence, text []byte) error {
	key, sig := f.Sealer.Sign(f.message(text))
	b, err := json.Marshal(sealed{text, key, sig})
	if err != nil {
		return err
	}
	if err := f.write(fenceFile, b); err != nil {
		return err
	}
	want, err := f.compose(s)
	if err != nil || f.stands(want) {
		return err
	}
	for _, name := range []string{textFile, gbFile, pictureFile, playlistFile} {
		if err := f.write(name, want[name]); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) message(text []byte) []byte {
	return append([]byte("qingyang led fence "+f.Channel+"\n"), text...)
}

// locked reads the fence and runs g alone among all processes. honest is false if the fence file is not as we wrote it; the
// fence is empty then, so that nothing it holds can keep an item up or a removal out. Generations that it forgot are no loss
// for long: a proof made before is stale within seconds, and the sweep takes away what is not proven.
func (f *Folder) locked(g func(s *fence, honest bool) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	lock, err := os.OpenFile(filepath.Join(f.Dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("led folder: %w", err)
	}
	defer func() { _ = lock.Close() }() // which ends the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("led folder: lock: %w", err)
	}
	if err := f.tidy(); err != nil {
		return fmt.Errorf("led folder: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(f.Dir, fenceFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("led folder: %w", err)
	}
	s, honest := f.believe(b)
	if b == nil { // a fence that somebody took away leaves the files behind
		_, err := os.Lstat(filepath.Join(f.Dir, playlistFile))
		honest = errors.Is(err, fs.ErrNotExist)
	}
	if err := g(&s, honest); err != nil {
		return fmt.Errorf("led folder: %w", err)
	}
	return nil
}

// believe returns the fence in b if we signed it for this channel; else an empty one.
func (f *Folder) believe(b []byte) (fence, bool) {
	none := fence{Items: map[workflow.ItemID]entry{}}
	var x sealed
	s := fence{Items: map[workflow.ItemID]entry{}}
	if json.Unmarshal(b, &x) != nil || !f.Sealer.Verify(x.Key, f.message(x.Fence), x.Sig) || json.Unmarshal(x.Fence, &s) != nil {
		return none, false
	}
	return s, true
}

// tidy removes what a crash left half written: whoever holds the lock has none of it open.
func (f *Folder) tidy() error {
	left, err := filepath.Glob(filepath.Join(f.Dir, ".new-*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
