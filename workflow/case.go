package workflow

import (
	"time"

	"qingyang/review"
)

// Case is an item with all that guards may look at. Guards are pure functions of it.
type Case struct {
	Item       Item
	Revision   Revision   // the present one
	Decisions  []Decision // of every round, oldest first
	Hands      []Hand
	Findings   []Finding // of the present revision, accumulated over scans
	Scan       Scan      // of the present revision; zero if none yet
	Deliveries []Delivery
	Route      Route
	Channels   []Channel  // the channels of the present revision, as they are now
	Audience   []string   // keys of those who may see the item; see Actor.Audience
	Relatives  []Relative // its parent, its children, and the other children of its parent
	Elders     []Hand     // what people played in any item of the family, this one included; empty for one alone
	Word       string     // the signed record of the act that left the item as it is; see Attest
}

// Decision is one person's signature on one digest in one round. Sig is made by Key, which is not in the database.
type Decision struct {
	Item       ItemID    `json:"item"`
	Event      Event     `json:"event"`
	Revision   int       `json:"revision"`
	Round      int       `json:"round"`
	Digest     string    `json:"digest"`
	Person     string    `json:"person"`
	Name       string    `json:"name"`
	OnBehalf   string    `json:"on_behalf_of,omitempty"`
	BehalfName string    `json:"on_behalf_name,omitempty"`
	Role       Role      `json:"role"`
	Duty       Duty      `json:"duty"`
	Opinion    string    `json:"opinion,omitempty"`
	ReasonCode string    `json:"reason_code,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Terms      Terms     `json:"terms,omitzero"`
	At         time.Time `json:"at"`
	Key        string    `json:"key"`
	Sig        string    `json:"sig"`
}

// Relative is another item of the family as it stands: the parent, or a child.
type Relative struct {
	ID         ItemID
	Parent     ItemID
	Kin        Kin
	State      State
	Number     string
	Title      string
	Deliveries []Delivery
	Covered    []string // of the parent: what its twin must not say; see Terms.Passages
}

// Terms are what single events say besides opinion and reason; the decision signs them. Times are UTC.
type Terms struct {
	At       *time.Time `json:"at,omitempty"`        // schedule: when to publish
	Notice   string     `json:"notice,omitempty"`    // ask_withdraw: what stands in the item's place
	Target   string     `json:"target,omitempty"`    // ask_withdraw: register number of what took its place
	Result   string     `json:"result,omitempty"`    // approve_withdraw: agree or refuse; countersign: agree or dissent
	Question string     `json:"question,omitempty"`  // refer: what is to be determined
	Ground   string     `json:"ground,omitempty"`    // refer: why it may be a secret
	LetterNo string     `json:"letter_no,omitempty"` // refer: number of the letter
	ReplyNo  string     `json:"reply_no,omitempty"`  // propose_determination, propose_disposal: number of the paper, which stays on paper
	Passages []string   `json:"passages,omitempty"`  // twin: what must not be public, word for word
	Mode     string     `json:"mode,omitempty"`      // twin: mask or remove
	Persons  []string   `json:"persons,omitempty"`   // ask_countersign: who is to sign, by Person.ID
	To       string     `json:"to,omitempty"`        // reassign: the new author, by Person.ID
}

// utc returns t as storage keeps times, so that what is signed is what is stored.
func (t Terms) utc() Terms {
	t.At = utc(t.At)
	return t
}

// Verdict is what a reviewer says of a finding.
type Verdict string

// The verdicts: 要求修改, 无须修改.
const (
	MustChange Verdict = "must_change"
	Accept     Verdict = "accept"
)

// Finding is a finding of a revision with what people said of it. ID is made of rule, part, span and words, so that an
// identical finding of a later scan is the same one and keeps its verdict. A contested finding (the author says that an
// auto-returning hit is false) needs Accept of two reviewers: Seconded* holds the second.
type Finding struct {
	ID string `json:"id"`
	review.Finding
	Revision   int       `json:"revision"`
	Contest    string    `json:"contest,omitempty"`
	Verdict    Verdict   `json:"verdict,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	By         string    `json:"by,omitempty"`
	ByName     string    `json:"by_name,omitempty"`
	At         time.Time `json:"at,omitzero"`
	Second     string    `json:"second,omitempty"`
	SecondName string    `json:"second_name,omitempty"`
	After      bool      `json:"after,omitempty"` // found after publication: a task, which forbids nothing while published
}

// Open reports whether f still waits for a verdict: block and ask findings do.
func (f Finding) Open() bool {
	if f.Level == review.Hint {
		return false
	}
	return f.Verdict == "" || f.Contest != "" && f.Verdict == Accept && f.Second == ""
}

// Scan says which rules scanned which revision and when. Its zero value is not a clean scan. Files says what antivirus found
// of each attachment, by SHA-256: clean, off (switched off) or infected.
type Scan struct {
	Revision int               `json:"revision"`
	Library  string            `json:"library"`
	At       time.Time         `json:"at"`
	Files    map[string]string `json:"files,omitempty"`
}

// FileScan returns what antivirus said of a file in the last scan of the revision: clean, off, infected, or waiting if it
// was not asked.
func (c *Case) FileScan(a Attachment) string {
	if s, ok := c.Scan.Files[a.SHA256]; ok {
		return s
	}
	return fileWaiting
}

// Shown says what a channel is known to show.
type Shown string

// What a delivery may be.
const (
	Pending     Shown = "pending"
	Live        Shown = "live"
	Verified    Shown = "verified"
	Failed      Shown = "failed"
	Removing    Shown = "removing"
	Removed     Shown = "removed"
	Unreachable Shown = "unreachable"
)

// Delivery is what one channel should show of an item (Want) and was last made to show (Have), both digests or empty for
// nothing. Gen grows with every change of Want; a channel refuses a generation at or below its last.
type Delivery struct {
	Item    ItemID    `json:"-"`
	Channel string    `json:"channel"`
	Want    string    `json:"want"`
	Have    string    `json:"have"`
	Gen     int64     `json:"gen"`
	Shown   Shown     `json:"shown"`
	Tries   int       `json:"tries"`
	Error   string    `json:"error,omitempty"` // for the operator, never item text
	At      time.Time `json:"at,omitzero"`
	Lease   time.Time `json:"-"` // until when one worker alone acts on it
}

// Channel is one place where the public reads. State is live or halted.
type Channel struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Kind   string `json:"kind"` // portal, led, tv, kiosk, wayfinding
	State  string `json:"state"`
	Gen    int64  `json:"gen"`    // grows with every halt and resume
	Width  int    `json:"width"`  // dots or pixels; 0 for a portal
	Height int    `json:"height"` //
	Key    string `json:"-"`      // KeyHash of a screen's device key; empty for a portal
	Days   int    `json:"days"`   // default window; 0 means without end
	By     string `json:"by"`     // Person.ID of who halted it; empty while live
	Reason string `json:"reason"` // why it was halted
	Word   string `json:"-"`      // the signed record of who switched it last, or of the configuration it began with
}

// KeyHash is what is stored of a device key.
func KeyHash(key string) string { return hash("device " + key) }

// The kinds and states of a channel.
const (
	Portal     = "portal"
	LED        = "led"
	TV         = "tv"
	Kiosk      = "kiosk"
	Wayfinding = "wayfinding"

	ChannelLive   = "live"
	ChannelHalted = "halted"
)

// Route is the way of a unit's items through the house, by version; an item keeps the one it started with. Hours are the
// working-time limits of each waiting state.
type Route struct {
	ID       string        `json:"id"`
	Version  int           `json:"version"`
	Unit     string        `json:"unit"`
	UnitStep bool          `json:"unit_step"`
	Hours    map[State]int `json:"hours"`
}

// Column is a column of the site. Important lists the channel kinds on which its items are of important class.
type Column struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	NameEn    string   `json:"name_en"`
	Important []string `json:"important"`
	// ReviewDays is after how many days in public an item is to be looked at again, and again after as many; 0 for never.
	ReviewDays int `json:"review_days,omitempty"`
}

// Template is a form for a small notice: the author fills dates and places in, everything else has a default.
type Template struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	NameEn   string          `json:"name_en"`
	Column   string          `json:"column"`
	Title    string          `json:"title"`
	Body     string          `json:"body"`
	Summary  string          `json:"summary"`
	Strip    string          `json:"strip"` // text for LED strips
	Channels []string        `json:"channels"`
	Fields   []TemplateField `json:"fields"`
}

// TemplateField is one blank of a Template. Kind is date, time, text or place.
type TemplateField struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	LabelEn  string `json:"label_en"`
	Kind     string `json:"kind"`
	Required bool   `json:"required"`
}

// Setup is what the house is configured with: loaded through Desk.Configure, versioned and on the log.
type Setup struct {
	House     string     `json:"house"`    // name of the centre, on forms and pages
	HouseEn   string     `json:"house_en"` //
	Series    string     `json:"series"`   // prefix of register numbers, before 〔year〕
	Units     []Unit     `json:"units"`
	Channels  []Channel  `json:"channels"`
	Columns   []Column   `json:"columns"`
	Routes    []Route    `json:"routes"`
	Templates []Template `json:"templates"`
	Holidays  []string   `json:"holidays"`  // yyyy-mm-dd, off
	Workdays  []string   `json:"workdays"`  // yyyy-mm-dd, worked though a weekend
	Antivirus string     `json:"antivirus"` // on or off; off is printed on every form
	Demo      bool       `json:"demo"`
	Version   int64      `json:"-"` // which configuration this is, from 1; PutSetup takes 0 for whichever comes next
	Word      string     `json:"-"` // the signed record of who configured it
}

// Unit is a window unit or an office section.
type Unit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
}
