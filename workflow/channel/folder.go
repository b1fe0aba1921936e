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
	dir         string
	maintenance string
	height      int
	mu          sync.Mutex
}

// NewFolder returns the driver of the folder dir, which it makes. height is the strip's in dots; maintenance is the line
// shown while the channel is halted.
func NewFolder(dir string, height int, maintenance string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // read by a vendor's program under another account
		return nil, fmt.Errorf("led folder: %w", err)
	}
	return &Folder{dir: dir, maintenance: maintenance, height: height}, nil
}

// fence is all that the folder knows, in one file: what stands there, and the last generation of everything that ever did.
// The current files follow from it.
type fence struct {
	Channel int64                     `json:"channel"` // the channel's generation
	Halted  bool                      `json:"halted"`
	Items   map[workflow.ItemID]entry `json:"items"`
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
	return f.change(func(s *fence) error {
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
func (f *Folder) Remove(_ context.Context, id workflow.ItemID, gen int64) error {
	return f.change(func(s *fence) error {
		if id != 0 && s.Items[id].Gen <= gen {
			s.Items[id] = entry{Gen: gen}
		}
		return nil
	})
}

// Halt shows the maintenance line alone.
func (f *Folder) Halt(_ context.Context, gen int64) error { return f.state(gen, true) }

// Resume shows nothing until something is put.
func (f *Folder) Resume(_ context.Context, gen int64) error { return f.state(gen, false) }

func (f *Folder) state(gen int64, halted bool) error {
	return f.change(func(s *fence) error {
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
	err = f.locked(func(s *fence) error {
		for id, e := range s.Items {
			if e.Digest != "" {
				seen = append(seen, publish.Observed{
					Item: id, Gen: e.Gen, Digest: e.Digest,
					Hashes: map[string]string{stripText: hash(e.Text), stripPicture: hash(e.Picture)},
				})
			}
		}
		want, err := f.compose(s)
		if err != nil || f.stands(want) {
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
// two leaves files that Observe tells from the fence, and a removal whose delivery is still open.
func (f *Folder) change(g func(*fence) error) error {
	return f.locked(func(s *fence) error {
		before, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := g(s); err != nil {
			return err
		}
		after, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if !bytes.Equal(before, after) {
			if err := f.write(fenceFile, after); err != nil {
				return err
			}
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
	})
}

// locked reads the fence and runs g alone among all processes.
func (f *Folder) locked(g func(*fence) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	lock, err := os.OpenFile(filepath.Join(f.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
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
	s := fence{Items: map[workflow.ItemID]entry{}}
	b, err := os.ReadFile(filepath.Join(f.dir, fenceFile))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("led folder: %w", err)
	}
	if err := g(&s); err != nil {
		return fmt.Errorf("led folder: %w", err)
	}
	return nil
}

// tidy removes what a crash left half written: whoever holds the lock has none of it open.
func (f *Folder) tidy() error {
	left, err := filepath.Glob(filepath.Join(f.dir, ".new-*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
