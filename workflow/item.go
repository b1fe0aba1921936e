package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// ItemID names an item.
type ItemID int64

// Class decides which steps an item needs: ordinary 一般, important 重要.
type Class string

// The classes. They may only rise.
const (
	Ordinary  Class = "ordinary"
	Important Class = "important"
)

// Urgency 平急/加急/特急 shortens clocks and skips nothing.
type Urgency string

// The urgencies.
const (
	Normal   Urgency = "normal"
	Urgent   Urgency = "urgent"
	Critical Urgency = "critical"
)

// Disclosure is the attribute of 政府信息公开条例: active 主动公开, on_request 依申请公开, none 不予公开. Only active is ever published.
type Disclosure struct {
	Kind   string `json:"kind"`
	Ground string `json:"ground,omitempty"`
}

// Window says where and when an item may be shown, and with which text of its own. From absent means at publishing; Until
// absent means no end on a portal and 30 days on screens. Times are UTC.
type Window struct {
	ID    string     `json:"id"`
	From  *time.Time `json:"from,omitempty"`
	Until *time.Time `json:"until,omitempty"`
	Text  string     `json:"text,omitempty"`
}

// SelfCheck is the author's declaration; submit needs all five.
type SelfCheck struct {
	NoSecret      bool `json:"no_secret"`
	NoSensitive   bool `json:"no_sensitive"`
	PrivacyMasked bool `json:"privacy_masked"`
	ThirdParty    bool `json:"third_party"`
	Accurate      bool `json:"accurate"`
}

// Content is what an author writes. BodyHTML is kept as given; only renditions are cleaned.
type Content struct {
	Title      string     `json:"title"`
	BodyHTML   string     `json:"body_html"`
	Summary    string     `json:"summary"`
	Source     string     `json:"source"`
	Disclosure Disclosure `json:"disclosure"`
	Class      Class      `json:"class"`
	Urgency    Urgency    `json:"urgency"`
	Channels   []Window   `json:"channels"`
	SelfCheck  SelfCheck  `json:"self_check"`
	Column     string     `json:"column"`
	LetterNo   string     `json:"letter_no"`
	Standby    bool       `json:"standby,omitempty"` // 预审稿: an emergency text approved beforehand, for a year
}

// Attachment is one stored file. Scan is clean, off (antivirus switched off), waiting, or infected.
type Attachment struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Media  string `json:"media"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Scan   string `json:"scan"`
}

// Rendition is one blob that a channel shows, made once at submit. Name is page.html, strip.txt, strip.png …
type Rendition struct {
	Channel string `json:"channel"`
	Name    string `json:"name"`
	Media   string `json:"media"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
}

// Contested is a finding that sent an earlier text back: rule and words, and, once the author said so, why it is false.
type Contested struct {
	Finding string `json:"finding"`
	Type    string `json:"type"`
	Rule    string `json:"rule"`
	Part    string `json:"part"`
	Text    string `json:"text"`
	Why     string `json:"why"`
	Reason  string `json:"reason,omitempty"`
}

// Revision is one saved text of an item with its files. N counts from 1. Contests are what the last scan sent back.
type Revision struct {
	N           int          `json:"n"`
	By          string       `json:"by"`
	ByName      string       `json:"by_name"`
	At          time.Time    `json:"at"`
	Content     Content      `json:"content"`
	Attachments []Attachment `json:"attachments"`
	Renditions  []Rendition  `json:"renditions"`
	Contests    []Contested  `json:"contests,omitempty"`
}

// Item is the row that moves.
type Item struct {
	ID         ItemID
	Version    int64
	State      State
	Revision   int
	Round      int // grows with every return, recall, reinstatement, important rescan: older decisions stop counting
	Digest     string
	Number     string // register number; empty before register and after it became void
	Class      Class
	Urgency    Urgency
	Unit       string
	Author     string // Person.ID
	AuthorName string
	Title      string
	Column     string
	Route      string    // id@version of the route the item keeps
	Open       int       // block and ask findings of the revision without a verdict
	Pack       string    // SHA-256 of the archive pack; empty until it is written
	Created    time.Time // UTC, as all times
	Since      time.Time // when the present state began
	Due        time.Time // zero if nobody is waited for
	Covered    []string  // what its twins must not say
	Claim      *Claim    // who works on the present step; nil if nobody said so
	Reminder   *Reminder // who asked for haste last in the present step; nil if nobody did
	Parent     ItemID    // what it was made from; 0 if nothing
	Kin        Kin       // how
	SealedFrom State     // where it stood when it was sealed; empty unless it is
	Family     ItemID    // the first of all that were made from one another; 0 while it is alone
}

// Claim says that one of several holders of a step works on it, alone until Until, UTC.
type Claim struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Until  time.Time `json:"until"`
}

// Reminder is a 催办: who asked for haste, and when, UTC.
type Reminder struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
}

// Kin says how an item was made from another one, its parent.
type Kin string

// The ways. An amendment takes its parent's place.
const (
	Amendment Kin = "amendment" // 更正稿
	Redacted  Kin = "twin"      // 区分处理稿: the parent without what must not be public; the parent stays what it is
)

// manifestVersion is raised when the canonical form changes; old digests verify under their own version for ever.
const manifestVersion = 1

// standbyVersion is the form of what is approved beforehand; all else keeps the first one.
const standbyVersion = 2

// Manifest is the canonical form that a decision signs (invariant 1). Fields are only ever added at the end, with v raised.
type Manifest struct {
	V           int          `json:"v"`
	Item        ItemID       `json:"item"`
	Revision    int          `json:"revision"`
	Round       int          `json:"round"`
	Class       Class        `json:"class"`
	Route       string       `json:"route"`
	Title       string       `json:"title"`
	Body        string       `json:"body"`
	Summary     string       `json:"summary"`
	Source      string       `json:"source"`
	Disclosure  Disclosure   `json:"disclosure"`
	Column      string       `json:"column"`
	Attachments []manifested `json:"attachments"`
	Channels    []Window     `json:"channels"`
	Renditions  []Rendition  `json:"renditions"`
	Standby     bool         `json:"standby,omitempty"` // since v 2
}

type manifested struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// NewManifest returns what a decision about it and r would sign.
func NewManifest(it Item, r Revision) Manifest {
	c := r.Content
	m := Manifest{
		V: manifestVersion, Item: it.ID, Revision: r.N, Round: it.Round, Class: it.Class, Route: it.Route,
		Title: c.Title, Body: c.BodyHTML, Summary: c.Summary, Source: c.Source, Disclosure: c.Disclosure, Column: c.Column,
		Channels: c.Channels, Renditions: r.Renditions,
	}
	if c.Standby {
		m.V, m.Standby = standbyVersion, true
	}
	for _, a := range r.Attachments {
		m.Attachments = append(m.Attachments, manifested{a.Name, a.SHA256})
	}
	return m
}

// Bytes returns the canonical JSON.
func (m Manifest) Bytes() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings, integers and times only
	}
	return b
}

// Digest returns the SHA-256 of Bytes in hex.
func (m Manifest) Digest() string {
	h := sha256.Sum256(m.Bytes())
	return hex.EncodeToString(h[:])
}
