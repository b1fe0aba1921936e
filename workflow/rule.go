package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/looplab/fsm"
)

// rule is one arrow of the table (invariant 7: what is not here can't happen). An event may have several rules from one
// state if their When exclude each other.
type rule struct {
	From  []State
	Event Event
	When  condition
	To    State // empty: stays where it is
	Roles []Role
	Duty  Duty // empty where separation of persons does not count
	Needs Needs
	Round bool    // opens a new round: decisions made so far stop counting
	Void  bool    // a register number becomes void
	who   []guard // what else must be true of the person: 403
	guard []guard // what must be true of the item: 422
	terms []guard // what must be true of what its sender writes: 422
	do    []effect
}

// condition narrows a rule to some cases. The zero condition always holds.
type condition struct {
	Name  string
	Holds func(*Case, Move) bool
}

var (
	withUnitStep    = condition{"route has the unit step", func(c *Case, _ Move) bool { return c.Route.UnitStep }}
	withoutUnitStep = condition{"route has no unit step", func(c *Case, _ Move) bool { return !c.Route.UnitStep }}
	ordinary        = condition{"ordinary class", func(c *Case, _ Move) bool { return !c.ChiefToo() }}
	important       = condition{"important class or dissent", func(c *Case, _ Move) bool { return c.ChiefToo() }}
	lastToSign      = condition{"the last to sign, or dissent", func(c *Case, m Move) bool { return c.closes(m) }}
	othersToSign    = condition{"others are yet to sign", func(c *Case, m Move) bool { return !c.closes(m) }}
	foundOpen       = condition{"determined open", func(c *Case, _ Move) bool { return c.verdict() == Open }}
	foundSecret     = condition{"determined secret", func(c *Case, _ Move) bool { return c.verdict() == Secret }}
	unanswered      = condition{"nobody answered", func(c *Case, _ Move) bool { return c.verdict() == Unanswered }}
	sealedOpen      = condition{"sealed under way", func(c *Case, _ Move) bool { return !slices.Contains(ended, c.Item.SealedFrom) }}
	somethingNew    = condition{"a new or raised block or ask finding", news}
	nothingNew      = condition{"nothing new to judge", func(c *Case, m Move) bool { return !news(c, m) }}
)

// holds reports whether r leads from c's state as things stand.
func (r rule) holds(c *Case, m Move) bool {
	return slices.Contains(r.From, c.Item.State) && (r.When.Holds == nil || r.When.Holds(c, m))
}

// applicable returns the rules of e from c's state whose When holds.
func applicable(c *Case, m Move) []rule {
	var rs []rule
	for _, r := range rules {
		if r.Event == m.Event && r.holds(c, m) {
			rs = append(rs, r)
		}
	}
	return rs
}

// destination asks looplab/fsm, built from the rules that hold now, where the event leads. Of several destinations of one
// event looplab silently keeps the last, so the table has only one that holds (a test asserts it).
func destination(ctx context.Context, c *Case, m Move) (State, error) {
	rs := applicable(c, m)
	events := make(fsm.Events, 0, len(rs))
	for _, r := range rs {
		to := r.To
		if to == "" {
			to = c.Item.State
		}
		events = append(events, fsm.EventDesc{Name: string(r.Event), Src: []string{string(c.Item.State)}, Dst: string(to)})
	}
	f := fsm.NewFSM(string(c.Item.State), events, nil)
	err := f.Event(ctx, string(m.Event))
	var same fsm.NoTransitionError
	if err != nil && !errors.As(err, &same) {
		return c.Item.State, fmt.Errorf("%w: %s from %s", ErrIllegal, m.Event, c.Item.State)
	}
	return State(f.Current()), nil
}
