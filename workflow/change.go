package workflow

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"qingyang/workflow/ledger"
)

// Errors of the Desk, besides *RefusedError and *InvalidError.
var (
	ErrStale       = errors.New("item changed since it was shown")
	ErrIllegal     = errors.New("event not allowed in this state")
	ErrMissing     = errors.New("no such thing for this person")
	ErrCredentials = errors.New("sign-in refused")
	ErrLocked      = errors.New("too many attempts")
	ErrUnavailable = errors.New("a needed service does not answer")
	// ErrLog reports that the audit log can't be written; then nothing is done but what takes from the public.
	ErrLog = errors.New("audit log can't be written")
	// ErrForged reports rows that nobody signed as they are.
	ErrForged = errors.New("stored rows are not what was signed")
	// ErrQuarantined reports stored content that antivirus named and that nobody is given any more.
	ErrQuarantined = errors.New("content in quarantine")
)

// Reason is one cause of a refusal: a code that ui puts in words, the field it concerns, and what the words need.
type Reason struct {
	Code  string   `json:"code"`
	Field string   `json:"field,omitempty"`
	Args  []string `json:"args,omitempty"`
}

// RefusedError lists every reason why a move was refused. The refusal is on the log when it is returned. Denied means that
// the person is the reason (403), otherwise the item is (422).
type RefusedError struct {
	Denied  bool
	Reasons []Reason
}

// Error lists the codes of the reasons, for the program's log; people read ui's words.
func (e *RefusedError) Error() string { return "refused: " + codes(e.Reasons) }

// InvalidError lists what is wrong with what was sent: nothing was saved and nothing logged. Too is "large" (413), "type"
// (415) or empty (422).
type InvalidError struct {
	Too     string
	Reasons []Reason
}

// Error lists the codes of the reasons, for the program's log; people read ui's words.
func (e *InvalidError) Error() string { return "invalid: " + codes(e.Reasons) }

func codes(rs []Reason) string {
	var b strings.Builder
	for i, r := range rs {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", r.Code, r.Field)
	}
	return b.String()
}

// Move asks for an event on the version and digest its asker saw.
type Move struct {
	Item       ItemID
	Version    int64
	Digest     string
	Event      Event
	OnBehalf   string // Person.ID of who gave the asker a delegation; empty: for themselves
	Opinion    string
	Reason     string
	ReasonCode string
	Contest    []Contest // submit only
	Terms      Terms     // only what the event asks for

	finding   string    // dispose
	verdict   Verdict   // dispose
	revision  *Revision // edit, attach, detach, submit: the new text or the same with renditions
	found     []Finding // scans: what they found
	scan      *Scan
	library   string      // publish: the rules in force when it was asked
	touched   []string    // review: texts of the item that the asker changed in the library since it was submitted
	acts      []int64     // review: the asker's proposals that touched was found by
	phrase    string      // dispose: words around a hit that is no hit
	file      *Attachment // attach
	series    string      // register
	until     time.Time   // claim: when it lapses
	named     []Actor     // the persons that the terms name, as they stand now
	spool     bool        // suspend: the log can't be written
	successor ItemID      // ask_withdraw: the public item that Terms.Target names
	parent    ItemID      // publish: the parent of the item, 0 for none
	cause     ItemID      // what happened to that relative brings this move with it
}

// Contest is an author's word that a finding is false.
type Contest struct {
	Finding string `json:"finding"`
	Reason  string `json:"reason"`
}

// Change is everything one move writes. Storage applies it whole or not at all, with version + 1.
type Change struct {
	Item     Item      // the row as it will be; Version and Number are set by storage
	Revision *Revision // to store as the revision Item.Revision; nil leaves it
	Series   string    // take the next register number of this series and year; empty for none
	Void     bool      // the item's register number becomes void and is never used again
	Decision *Decision
	Hands    []Hand
	Findings []Finding // to insert or replace, by revision and id
	Scan     *Scan
	Wants    []Want
	Audience []string // keys to add; Only replaces all keys instead
	Only     bool
	Waits    []string // audience keys of those who are waited for now; replaces the former
	Jobs     []Job
	Proposal *Proposal // what a verdict proposes to the keepers of the library, unless the same is proposed already
	Record   ledger.Record
	Child    *Change                                 // an item to create from this one, in the same transaction; see Tx.Create
	Attest   func(Item, ledger.Record) ledger.Record // Create only: binds the record to the item with its id; nil leaves it
}

// Want asks for a channel to show digest Want from now on; empty means nothing.
type Want struct{ Channel, Digest string }

// Job is work to do after the commit. River's JobArgs has the same method set, so no River is needed here. Jobs carry ids,
// never text.
type Job interface{ Kind() string }

// ScanJob asks for a scan of one revision in one round.
type ScanJob struct {
	Item     ItemID `json:"item"`
	Revision int    `json:"revision"`
	Round    int    `json:"round"`
}

// DeliverJob asks for one channel to be made to show what it should of an item.
type DeliverJob struct {
	Item    ItemID `json:"item"`
	Channel string `json:"channel"`
}

// PackJob asks for the archive pack of a registered item.
type PackJob struct {
	Item   ItemID `json:"item"`
	Digest string `json:"digest"`
}

// RetroJob asks for every item to be checked that version Version of the library may concern; Full: every item.
type RetroJob struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Full    bool   `json:"full"`
}

// Kind names the job.
func (RetroJob) Kind() string { return "retro" }

// Kind names the job.
func (ScanJob) Kind() string { return "scan" }

// Kind names the job.
func (DeliverJob) Kind() string { return "deliver" }

// Kind names the job.
func (PackJob) Kind() string { return "pack" }

// DeliveryResult is what came of one act on a channel. It never raises the item's version.
type DeliveryResult struct {
	Item    ItemID
	Channel string
	Gen     int64  // the generation worked on
	Have    string // what the channel shows now
	Shown   Shown
	Error   string
	At      time.Time
	Record  ledger.Record
}
