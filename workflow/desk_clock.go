package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is an item somebody is waited for, with the time by which. Known says that the asker may see the item; of any other
// only the number, the unit, the step and the time are given.
type Clock struct {
	Row
	Known bool
}

// Expiry is an approved item whose approval runs out unless it is published before.
type Expiry struct {
	Row
	At time.Time
}

// Clocks is the overview 时限. A clock moves nothing: it approves nothing, and it takes nothing away.
type Clocks struct {
	Late     []Clock  // past their time, the latest first
	Today    []Clock  // due on this working day
	Later    []Clock  // due after it
	Expiring []Expiry // approvals that run out within a week, or have
	More     bool     // there are more than are listed
}

// Overseers may look at the clocks: heads at those of their units, leaders of the units they are bound to, the chief and the
// publishers at all.
var Overseers = []Role{UnitHead, Leader, Chief, Publisher}

// clockLines is how many lines of each kind the overview has.
const clockLines = 200

// expirySoon is how long before its end an approval is named.
const expirySoon = 7 * 24 * time.Hour

// oversees reports whether the clocks of unit are a's to look at.
func oversees(a Actor, unit string) bool {
	return a.Has(Chief, "") || a.Has(Publisher, "") || a.Has(UnitHead, unit) || a.Has(Leader, unit)
}

// overseen lists the units whose clocks are a's to look at; empty for all.
func overseen(a Actor, s Setup) (units []string) {
	if a.Has(Chief, "") || a.Has(Publisher, "") {
		return nil
	}
	for _, u := range s.Units {
		if oversees(a, u.ID) {
			units = append(units, u.ID)
		}
	}
	return append(units, "") // of nobody's unit rather than of all
}

// Clocks returns the overview 时限 for a. ErrMissing for who oversees nobody.
func (d *Desk) Clocks(ctx context.Context, a Actor) (Clocks, error) {
	if !slices.ContainsFunc(Overseers, func(r Role) bool { return a.Has(r, "") }) {
		return Clocks{}, fmt.Errorf("clocks: %w", ErrMissing)
	}
	setup, err := d.Setup(ctx)
	if err != nil {
		return Clocks{}, err
	}
	all, err := d.Store.Clocks(ctx, overseen(a, setup), a.Audience(), clockLines)
	if err != nil {
		return Clocks{}, err
	}
	cs := Clocks{More: len(all) == clockLines}
	now := d.now()
	for _, c := range all {
		if !oversees(a, c.Unit) || c.State.Closed() {
			continue
		}
		if !c.Known { // a step it has not reached: that it waits is known, not what it says
			it := c.Item
			waits := slices.DeleteFunc(slices.Clone(c.Waits), func(k string) bool { return strings.HasPrefix(k, "person:") })
			c.Row = Row{Waits: waits, Item: Item{ID: it.ID, State: it.State, Unit: it.Unit, Urgency: it.Urgency, Since: it.Since, Due: it.Due}}
		}
		cs.put(c, now)
	}
	cs.Expiring, err = d.expiring(ctx, a, now)
	return cs, err
}

func (cs *Clocks) put(c Clock, now time.Time) {
	switch {
	case c.Due.Before(now):
		cs.Late = append(cs.Late, c)
	case c.Due.In(Beijing).Format(time.DateOnly) == now.In(Beijing).Format(time.DateOnly):
		cs.Today = append(cs.Today, c)
	default:
		cs.Later = append(cs.Later, c)
	}
}

// expiring lists the approvals of what waits for its publication that end soon or have ended.
func (d *Desk) expiring(ctx context.Context, a Actor, now time.Time) ([]Expiry, error) {
	rows, _, err := d.Store.List(ctx, asked(a, Query{Box: All, States: []State{Approved, Registered, Scheduled}, Limit: clockLines}))
	if err != nil {
		return nil, err
	}
	var out []Expiry
	for _, r := range rows {
		c, err := d.Store.Case(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if at, ok := c.approvalEnds(); ok && oversees(a, r.Unit) && at.Sub(now) < expirySoon {
			out = append(out, Expiry{r, at})
		}
	}
	slices.SortFunc(out, func(x, y Expiry) int { return x.At.Compare(y.At) })
	return out, nil
}
