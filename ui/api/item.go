package api

import (
	"time"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// Item is an item as one person may see it. Times are UTC. Number is empty until it is registered and after the number became
// void; due is absent while nobody is waited for.
type Item struct {
	V           int                   `json:"v"`
	ID          workflow.ItemID       `json:"id"`
	Number      string                `json:"number"`
	Version     int64                 `json:"version"`
	Revision    int                   `json:"revision"`
	Digest      string                `json:"digest"`
	State       workflow.State        `json:"state"`
	StateName   string                `json:"state_name"`
	Title       string                `json:"title"`
	BodyHTML    string                `json:"body_html"`
	Summary     string                `json:"summary"`
	Source      string                `json:"source"`
	Disclosure  workflow.Disclosure   `json:"disclosure"`
	Urgency     workflow.Urgency      `json:"urgency"`
	Channels    []workflow.Window     `json:"channels"`
	SelfCheck   workflow.SelfCheck    `json:"self_check"`
	Column      string                `json:"column"`
	LetterNo    string                `json:"letter_no"`
	Standby     bool                  `json:"standby"`
	Unit        string                `json:"unit"`
	Author      Person                `json:"author"`
	Attachments []workflow.Attachment `json:"attachments"`
	Renditions  []workflow.Rendition  `json:"renditions"`
	Round       int                   `json:"round"`
	Class       workflow.Class        `json:"class"`
	Route       string                `json:"route"`
	Open        int                   `json:"open"` // block and ask findings without a verdict
	Created     time.Time             `json:"created"`
	Since       time.Time             `json:"since"`
	Due         time.Time             `json:"due,omitzero"`
	Editable    bool                  `json:"editable"`
	Moves       []Offer               `json:"moves"`
	Findings    []workflow.Finding    `json:"findings"`
	Decisions   []Decision            `json:"decisions"`
	Deliveries  []workflow.Delivery   `json:"deliveries"`
	Relatives   []Relative            `json:"relatives"`
	Claim       *workflow.Claim       `json:"claim,omitempty"`
	Reminder    *workflow.Reminder    `json:"reminder,omitempty"`
}

// Relative is the item that this one was made from, or one made from it, as far as one may see it.
type Relative struct {
	ID       workflow.ItemID `json:"id"`
	Relation string          `json:"relation"` // parent or child
	Kin      workflow.Kin    `json:"kin"`
	Number   string          `json:"number"`
	State    workflow.State  `json:"state"`
	Title    string          `json:"title"`
}

func relativesOf(v *workflow.View) []Relative {
	out := []Relative{}
	for _, r := range v.Family {
		x := Relative{r.ID, "child", r.Kin, r.Number, r.State, r.Title}
		if r.ID == v.Item.Parent {
			x.Relation, x.Kin = "parent", v.Item.Kin
		}
		out = append(out, x)
	}
	return out
}

// Person names a person.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Offer is a move that one may make. BlockedBy is empty if it would be accepted with what it needs.
type Offer struct {
	Event     workflow.Event `json:"event"`
	Label     string         `json:"label"`
	BlockedBy []gate.Told    `json:"blocked_by"`
	Needs     Needs          `json:"needs"`
}

// Needs says what the sender of a move must write.
type Needs struct {
	Opinion bool     `json:"opinion"`
	Reason  bool     `json:"reason"`
	Fields  []string `json:"fields,omitempty"`
}

// Decision is one person's signature on one digest in one round.
type Decision struct {
	Event      workflow.Event `json:"event"`
	Person     Person         `json:"person"`
	OnBehalfOf *Person        `json:"on_behalf_of,omitempty"`
	Role       workflow.Role  `json:"role"`
	Revision   int            `json:"revision"`
	Digest     string         `json:"digest"`
	Round      int            `json:"round"`
	Opinion    string         `json:"opinion,omitempty"`
	ReasonCode string         `json:"reason_code,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Terms      workflow.Terms `json:"terms,omitzero"`
	At         time.Time      `json:"at"`
	Key        string         `json:"key"`
	Sig        string         `json:"sig"`
}

// all returns l, never nil: an empty list is written as [].
func all[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func itemOf(b words.Book, v *workflow.View) Item {
	it, c := v.Item, v.Revision.Content
	return Item{
		V: schema, ID: it.ID, Number: it.Number, Version: it.Version, Revision: it.Revision, Digest: it.Digest,
		State: it.State, StateName: b.State(it.State), Title: c.Title, BodyHTML: c.BodyHTML, Summary: c.Summary,
		Source: c.Source, Disclosure: c.Disclosure, Urgency: it.Urgency, Channels: all(c.Channels), SelfCheck: c.SelfCheck,
		Column: c.Column, LetterNo: c.LetterNo, Standby: c.Standby, Unit: it.Unit, Author: Person{it.Author, it.AuthorName},
		Attachments: all(v.Revision.Attachments), Renditions: all(v.Revision.Renditions), Round: it.Round, Class: it.Class,
		Route: it.Route, Open: it.Open, Created: it.Created, Since: it.Since, Due: it.Due, Editable: v.Editor,
		Moves: offersOf(b, v.Offers), Findings: all(v.Findings), Decisions: decisionsOf(v.Decisions), Deliveries: all(v.Deliveries),
		Relatives: relativesOf(v), Claim: it.Claim, Reminder: it.Reminder,
	}
}

func offersOf(b words.Book, offers []workflow.Offer) []Offer {
	out := []Offer{}
	for _, o := range offers {
		out = append(out, Offer{o.Event, b.Action(o.Event), gate.Tell(b, o.Blocked), Needs(o.Needs)})
	}
	return out
}

func decisionsOf(ds []workflow.Decision) []Decision {
	out := []Decision{}
	for _, d := range ds {
		o := Decision{
			Event: d.Event, Person: Person{d.Person, d.Name}, Role: d.Role, Revision: d.Revision, Digest: d.Digest, Round: d.Round,
			Opinion: d.Opinion, ReasonCode: d.ReasonCode, Reason: d.Reason, Terms: d.Terms, At: d.At, Key: d.Key, Sig: d.Sig,
		}
		if d.OnBehalf != "" {
			o.OnBehalfOf = &Person{d.OnBehalf, d.BehalfName}
		}
		out = append(out, o)
	}
	return out
}
