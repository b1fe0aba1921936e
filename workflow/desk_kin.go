package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"qingyang/workflow/ledger"
)

// hands returns what people have played in c and in all that c was made from or that was made from it: to invariant 4 they are
// one item.
func (c *Case) hands() []Hand {
	if len(c.Elders) == 0 {
		return c.Hands
	}
	return slices.Concat(c.Hands, c.Elders)
}

// parent returns what c was made from; false if nothing.
func (c *Case) parent() (Relative, bool) {
	i := slices.IndexFunc(c.Relatives, func(r Relative) bool { return r.ID == c.Item.Parent })
	if c.Item.Parent == 0 || i < 0 {
		return Relative{}, false
	}
	return c.Relatives[i], true
}

// children returns what was made from c.
func (c *Case) children() []Relative {
	return slices.DeleteFunc(slices.Clone(c.Relatives), func(r Relative) bool { return r.Parent != c.Item.ID })
}

// replacement returns the register number of the amendment that took the place of c, "" if none did.
func (c *Case) replacement() string {
	for _, r := range c.children() {
		if c.Item.State == Superseded && r.Kin == Amendment && r.State == Published {
			return r.Number
		}
	}
	return ""
}

// finished are the states that no item leaves but to be sealed.
var finished = []State{Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired, Sealed, Disposed}

// noOpenChild allows one amendment at a time.
func noOpenChild(in input) []Reason {
	for _, r := range in.c.children() {
		if r.Kin == Amendment && !slices.Contains(finished, r.State) {
			return why(false, "amended_already")
		}
	}
	return nil
}

// notRedacted has a redacted version made anew from its full text: an amendment of it could say again what it keeps back.
func notRedacted(in input) []Reason { return why(in.c.Item.Kin != Redacted, "amend_redacted") }

// parentStands keeps an amendment back while its parent is down for a reason that may be its own: it waits until that is settled.
func parentStands(in input) []Reason {
	p, ok := in.c.parent()
	if in.c.Item.Parent == 0 {
		return nil
	}
	if in.c.Item.Kin == Redacted { // its parent need not be public, but must not be in question
		return why(ok && p.State != Suspended && !p.State.Closed(), "parent_down")
	}
	// superseded by this one, before it was reviewed anew, or by another, which then stands in its place
	over := (p.State == Expired || p.State == Superseded) && !in.c.replaced()
	return why(ok && (p.State == Published || over), "parent_down")
}

// siblings returns the other amendments of the parent of c, which is one itself.
func (c *Case) siblings() []Relative {
	return slices.DeleteFunc(slices.Clone(c.Relatives), func(r Relative) bool {
		return c.Item.Kin != Amendment || r.Kin != Amendment || r.ID == c.Item.ID || c.Item.Parent == 0 || r.Parent != c.Item.Parent
	})
}

// replaced reports whether another amendment has taken the place of the parent of c, and may have been amended itself since.
func (c *Case) replaced() bool {
	return slices.ContainsFunc(c.siblings(), func(r Relative) bool {
		return r.State == Published || r.State == Suspended || r.State == Superseded
	})
}

// parentOpen keeps closed what was made from something that is closed itself.
func parentOpen(in input) []Reason {
	p, ok := in.c.parent()
	return why(!ok || !p.State.Closed(), "parent_closed")
}

// Uncovered returns why a channel must not show c yet: it still shows the parent, or an amendment from before c was reviewed
// anew, or is about to stop.
func (c *Case) Uncovered(channel string) []Reason {
	for _, r := range c.Relatives {
		replaced := r.ID == c.Item.Parent && c.Item.Kin == Amendment || r.Parent == c.Item.ID && r.Kin == Amendment ||
			slices.ContainsFunc(c.siblings(), func(s Relative) bool { return s.ID == r.ID })
		i := slices.IndexFunc(r.Deliveries, func(d Delivery) bool { return d.Channel == channel })
		if !replaced || i < 0 {
			continue // a twin takes nobody's place
		}
		if d := r.Deliveries[i]; d.Have != "" || d.Want != "" || d.Shown == Removing {
			return why(false, "parent_shown", channel)
		}
	}
	return nil
}

// amendment has a draft made of c's text.
func amendment(in input, ch *Change) {
	text := in.c.Revision.Content
	text.SelfCheck = SelfCheck{} // declared anew for what will have changed
	text.Channels = slices.Clone(text.Channels)
	for i, w := range text.Channels {
		if w.From != nil && w.From.Before(in.now) {
			text.Channels[i].From = nil
		}
	}
	child(in, ch, Amendment, text)
}

// child has a draft of the same author's made from c, in c's family.
func child(in input, ch *Change, kin Kin, text Content) {
	it := in.c.Item
	ch.Item.Family = it.Family
	if ch.Item.Family == 0 {
		ch.Item.Family = it.ID
	}
	rev := Revision{N: 1, By: in.a.ID, ByName: in.a.Name, At: in.now, Content: text, Attachments: slices.Clone(in.c.Revision.Attachments)}
	rec := record(in.now, in.a, Drafter, Create, nil)
	rec.Revision, rec.Round, rec.To = 1, 1, string(Draft)
	rec.Detail = map[string]string{"parent": fmt.Sprint(it.ID), "kin": string(kin)}
	c := &Case{Item: Item{
		State: Draft, Revision: 1, Round: 1, Class: it.Class, Urgency: text.Urgency, Unit: it.Unit, Author: in.a.ID, AuthorName: in.a.Name,
		Title: text.Title, Column: text.Column, Route: it.Route, Created: in.now, Since: in.now,
		Parent: it.ID, Kin: kin, Family: ch.Item.Family,
	}}
	attest := func(it Item, rec ledger.Record) ledger.Record {
		return Attest(in.signer, rec, &Case{Item: it, Route: in.c.Route, Revision: rev, Hands: in.a.hands(AuthorDuty)})
	}
	ch.Child = &Change{
		Attest: attest,
		Item:   c.Item, Revision: &rev, Hands: in.a.hands(AuthorDuty), Audience: parties(c.Item), Waits: c.Waits(), Record: rec,
	}
}

// parties are the keys of those to whom an item belongs from the beginning.
func parties(it Item) []string {
	return []string{"unit:" + it.Unit, "head:" + it.Unit, "person:" + it.Author}
}

// loadAfter loads an item after its parent, if that is named: whoever needs both takes the elder first, so that no two wait for
// each other.
func loadAfter(ctx context.Context, tx Tx, parent, id ItemID) (*Case, error) {
	if parent != 0 {
		if _, err := tx.Load(ctx, parent); err != nil {
			return nil, err
		}
	}
	return tx.Load(ctx, id)
}

// kin does to the relatives of c, in the transaction of ch, what ch brings with it: a draft is made from c, the parent of what
// is published is superseded, and what takes c from the public takes down what was made from it. Made gathers the records of
// it all.
func (d *Desk) kin(ctx context.Context, tx Tx, c *Case, ch Change, setup Setup, made *[]ledger.Record) error {
	*made = append(*made, ch.Record)
	if ch.Child != nil {
		rev := *ch.Child.Revision
		if _, err := tx.Create(ctx, *ch.Child, func(it Item) string { return NewManifest(it, rev).Digest() }); err != nil {
			return fmt.Errorf("draft from item %d: %w", c.Item.ID, err)
		}
	}
	if p, ok := c.parent(); ok && c.Item.Kin == Amendment && ch.Item.State == Published && c.Item.State != Published && p.State == Published {
		return d.carry(ctx, tx, p.ID, ch, setup, made)
	}
	for _, r := range c.children() {
		if err := d.carry(ctx, tx, r.ID, ch, setup, made); err != nil {
			return err
		}
	}
	return nil
}

// fate is the event that befalls a relative when cause has happened to an item; "" for none.
func fate(cause Change, r *Case) Event {
	down := cause.Item.State != State(cause.Record.From)
	switch {
	case r.Item.ID == cause.Item.Parent:
		return Supersede
	case !down:
		return ""
	case cause.Item.State == Sealed:
		return Seal
	case cause.Item.State == Suspended:
		return Suspend
	case cause.Item.State == Withdrawn:
		return Follow
	}
	return ""
}

// carry makes the move that cause brings upon the item id, in the same transaction. Where the item is past it, nothing happens.
func (d *Desk) carry(ctx context.Context, tx Tx, id ItemID, cause Change, setup Setup, made *[]ledger.Record) error {
	c, err := tx.Load(ctx, id)
	if err != nil {
		return err
	}
	m := Move{
		Item: id, Version: c.Item.Version, Digest: c.Item.Digest, Event: fate(cause, c),
		ReasonCode: cause.Record.Reason, Reason: followed, cause: cause.Item.ID, spool: cause.Record.Spooled,
	}
	if m.ReasonCode == "" {
		m.ReasonCode = "other"
	}
	if len(applicable(c, m)) == 0 {
		return d.carryPast(ctx, tx, c, m.Event, cause, setup, made)
	}
	ch, err := d.decide(ctx, systemActor, m, c, setup)
	if err != nil {
		return fmt.Errorf("%s item %d with item %d: %w", m.Event, id, cause.Item.ID, err)
	}
	if err := d.apply(ctx, tx, c, ch); err != nil {
		return err
	}
	return d.kin(ctx, tx, c, ch, setup, made)
}

// carryPast brings cause upon what was made from c, which is past it or not yet there itself: a twin of a draft may be public.
func (d *Desk) carryPast(ctx context.Context, tx Tx, c *Case, e Event, cause Change, setup Setup, made *[]ledger.Record) error {
	if e == "" || e == Supersede {
		return nil
	}
	for _, r := range c.children() {
		if err := d.carry(ctx, tx, r.ID, cause, setup, made); err != nil {
			return err
		}
	}
	return nil
}

// followed is the reason of what happens to an item because of its relative.
const followed = "随关联稿件一并处理"

// relatives returns those of c's relatives that a may see: that there is an amendment is for its own parties to know.
func (d *Desk) relatives(ctx context.Context, a Actor, c *Case) (out []Relative, err error) {
	for _, r := range c.Relatives {
		if r.ID != c.Item.Parent && r.Parent != c.Item.ID {
			continue // a sibling
		}
		k, err := d.Store.Case(ctx, r.ID)
		if err != nil && !errors.Is(err, ErrMissing) {
			return nil, fmt.Errorf("relatives of item %d: %w", c.Item.ID, err)
		}
		if err == nil && visible(a, k) {
			out = append(out, r)
		}
	}
	return out, nil
}
