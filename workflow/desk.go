package workflow

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"qingyang/workflow/ledger"
)

// Parts is what a Desk works with. All but Antivirus, Finder, Lexicon, Chooser, Seen, Spool and Rand must be set.
type Parts struct {
	Store     Store
	Scanner   Scanner
	Blobs     Blobs
	Renderer  Renderer
	Signer    Signer
	Directory Directory
	Door      FileDoor
	Antivirus Antivirus // nil: files can't pass unless Setup.Antivirus is off
	Finder    Finder    // nil: search looks at titles and numbers only
	Lexicon   Lexicon   // nil: the house has no library of its own
	Chooser   Chooser   // nil: a retro-scan looks at every public item
	Spool     Spool     // nil: nothing may go ahead of its record
	Seen      *Seen     // nil: nothing is remembered outside the database
	Now       func() time.Time
	Rand      io.Reader // nil: crypto/rand
}

// Desk is the only way to change or to read an item. It may be used by many goroutines.
type Desk struct {
	Parts
	mu      sync.Mutex
	last    time.Time // newest time given out: time never runs back on the log
	tries   *tries
	asked   map[string]answer // what the directory last said of a person
	setup   Setup
	setupAt time.Time
	libMu   sync.Mutex // held while the library is brought up to date
	library atomic.Pointer[Library]
	owing   atomic.Bool // records wait in the spool
}

// NewDesk returns a Desk whose clock starts no earlier than the newest record of the log.
func NewDesk(ctx context.Context, p Parts) (*Desk, error) {
	last, err := p.Store.LastAudit(ctx)
	if err != nil && !errors.Is(err, ErrLog) { // without its log a house can still go dark
		return nil, err
	}
	if p.Rand == nil {
		p.Rand = rand.Reader
	}
	d := &Desk{Parts: p, last: last, tries: newTries(), asked: map[string]answer{}}
	d.library.Store(&Library{})
	if p.Lexicon != nil {
		if err := d.FollowLibrary(ctx); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// now returns the present in UTC, cut to microseconds as storage keeps it, never before a time it returned earlier.
func (d *Desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.Now().UTC().Truncate(time.Microsecond); t.After(d.last) {
		d.last = t
	}
	return d.last
}

// record returns a record of a's act on c; To is filled in by the move.
func record(at time.Time, a Actor, role Role, e Event, c *Case) ledger.Record {
	r := ledger.Record{
		At: at, Person: a.ID, Name: a.Name, Role: string(role), Event: string(e), Address: a.Address, Result: ledger.Done,
	}
	if a.OnBehalf != nil {
		r.OnBehalf = a.OnBehalf.ID
	}
	if c != nil {
		it := c.Item
		r.Item, r.Revision, r.Round, r.Digest = int64(it.ID), it.Revision, it.Round, it.Digest
		r.From, r.To = string(it.State), string(it.State)
	}
	return r
}

// systemActor is the program itself: it holds no grant and plays no duty.
var systemActor = Actor{Person: Person{ID: "system", Name: "系统"}, Grants: []Grant{{Role: System}}}
