package workflow

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"qingyang/workflow/ledger"
)

// Seen is what this host remembers of the log, outside the database: when an item, a channel, somebody's roles or the
// configuration were last spoken of in a way that ends what was before. Rows put back as they once were are genuine in
// themselves, signatures and all; they are older than what was seen. It may be used by many goroutines; a nil *Seen
// remembers nothing.
type Seen struct {
	mu   sync.RWMutex
	at   map[string]time.Time
	keep func(subject string, at time.Time) error
}

// NewSeen returns an empty memory. Keep, if not nil, is called with all that is new before it counts as remembered; its
// error is See's, though the memory of this process has it then.
func NewSeen(keep func(subject string, at time.Time) error) *Seen {
	return &Seen{at: map[string]time.Time{}, keep: keep}
}

const setupSubject = "setup"

func channelSubject(id string) string    { return "channel " + id }
func grantsSubject(person string) string { return "grants " + person }
func itemSubject(id ItemID) string       { return "item " + strconv.FormatInt(int64(id), 10) }

// Remember enters what was seen of a subject, as keep was given it.
func (s *Seen) Remember(subject string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.After(s.at[subject]) {
		s.at[subject] = at
	}
}

// After reports whether something later than at was seen of a subject.
func (s *Seen) After(subject string, at time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.at[subject].After(at)
}

// See remembers what a record ends. A record without a signature that holds ends nothing: else anybody who can write a row
// could take everything down.
func (s *Seen) See(k Signer, rec ledger.Record) error {
	subject := ends(rec)
	if s == nil || subject == "" || !SignedWord(k, rec) {
		return nil
	}
	s.mu.RLock()
	known := !rec.At.After(s.at[subject])
	s.mu.RUnlock()
	if known {
		return nil
	}
	s.Remember(subject, rec.At)
	if s.keep == nil {
		return nil
	}
	return s.keep(subject, rec.At)
}

// SeeAll remembers what several records end.
func (s *Seen) SeeAll(k Signer, recs []ledger.Record) error {
	var all error
	for _, r := range recs {
		all = errors.Join(all, s.See(k, r))
	}
	return all
}

// ends names the subject of which a record ends what was before; "" for a record that ends nothing.
func ends(rec ledger.Record) string {
	if rec.Result != ledger.Done {
		return ""
	}
	switch e := Event(rec.Event); {
	case e == HaltChannel || e == ResumeChannel:
		return channelSubject(rec.Detail[detailChannel])
	case e == Granted:
		return grantsSubject(rec.Detail[detailTo])
	case e == Configured:
		return setupSubject
	}
	if rec.Item != 0 && (endsRound(Event(rec.Event)) || Event(rec.Event) == Rescan && rec.From != rec.To) {
		return itemSubject(ItemID(rec.Item))
	}
	return ""
}

// endsRound reports whether no approval made before e counts after it.
func endsRound(e Event) bool {
	for _, r := range rules {
		if r.Event == e && (r.Round && r.When.Holds == nil || final(r.To)) {
			return true
		}
	}
	return false
}

// final reports whether nothing of an item in s is ever shown.
func final(s State) bool {
	return s == Cancelled || s == Withdrawn || s == Superseded || s == Rejected || s == Denied
}
