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
	ordinary        = condition{"ordinary class", func(c *Case, _ Move) bool { return c.Item.Class == Ordinary }}
	important       = condition{"important class", func(c *Case, _ Move) bool { return c.Item.Class != Ordinary }}
	somethingNew    = condition{"a new or raised block or ask finding", news}
	nothingNew      = condition{"nothing new to judge", func(c *Case, m Move) bool { return !news(c, m) }}
)

var (
	opinion = Needs{Opinion: true}
	reason  = Needs{Reason: true}

	beforePublish = []State{
		Draft, Returned, Scanning, UnitCheck, SecrecyReview, LeaderApproval, ChiefApproval, Approved, Registered,
	}
	notSealed = append(slices.Clone(beforePublish), Published, Suspended, Rejected, Denied, Cancelled, Withdrawn, Expired)
)

var rules = []rule{
	{From: []State{Draft, Returned}, Event: Edit, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{From: []State{Draft, Returned}, Event: Attach, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{From: []State{Draft, Returned}, Event: Detach, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{
		From: []State{Draft, Returned}, Event: Submit, To: Scanning, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty,
		who: []guard{isAuthor}, guard: []guard{complete, contestable}, do: []effect{scanJob},
	},
	{From: []State{Scanning}, Event: ScanClear, When: withUnitStep, To: UnitCheck, Roles: []Role{System}, do: []effect{found}},
	{From: []State{Scanning}, Event: ScanClear, When: withoutUnitStep, To: SecrecyReview, Roles: []Role{System}, do: []effect{found}},
	{From: []State{Scanning}, Event: ScanReturn, To: Returned, Roles: []Role{System}, Round: true, do: []effect{found}},
	{
		From:  []State{Scanning, UnitCheck, SecrecyReview, LeaderApproval, ChiefApproval},
		Event: Recall, To: Draft, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty, Round: true, who: []guard{isAuthor},
	},
	{From: beforePublish, Event: Cancel, To: Cancelled, Roles: []Role{Drafter, UnitHead}, Needs: reason, Void: true, who: []guard{isAuthorOrHead}},

	{From: []State{UnitCheck}, Event: UnitPass, To: SecrecyReview, Roles: []Role{UnitHead}, Duty: HeadDuty, Needs: opinion},
	{From: []State{UnitCheck}, Event: Return, To: Returned, Roles: []Role{UnitHead}, Duty: HeadDuty, Needs: reason, Round: true},

	{From: []State{SecrecyReview}, Event: Dispose, Roles: []Role{Reviewer}, Duty: ReviewerDuty, who: []guard{untouched}, guard: []guard{disposable}, do: []effect{dispose}},
	{
		From: []State{SecrecyReview}, Event: SecrecyPass, To: LeaderApproval, Roles: []Role{Reviewer}, Duty: ReviewerDuty,
		Needs: opinion, who: []guard{untouched}, guard: []guard{scanned, findingsDone},
	},
	{From: []State{SecrecyReview}, Event: SecrecyReject, To: Rejected, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason, Round: true, who: []guard{untouched}},
	{From: []State{SecrecyReview}, Event: Return, To: Returned, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason, Round: true, who: []guard{untouched}},

	{
		From: []State{LeaderApproval}, Event: LeaderApprove, When: ordinary, To: Approved, Roles: []Role{Leader, Chief},
		Duty: LeaderDuty, Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{
		From: []State{LeaderApproval}, Event: LeaderApprove, When: important, To: ChiefApproval, Roles: []Role{Leader, Chief},
		Duty: LeaderDuty, Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{From: []State{LeaderApproval}, Event: Return, To: Returned, Roles: []Role{Leader, Chief}, Duty: LeaderDuty, Needs: reason, Round: true},
	{From: []State{LeaderApproval}, Event: Deny, To: Denied, Roles: []Role{Leader, Chief}, Duty: LeaderDuty, Needs: reason, Round: true},
	{
		From: []State{ChiefApproval}, Event: ChiefApprove, To: Approved, Roles: []Role{Chief}, Duty: ChiefDuty,
		Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{From: []State{ChiefApproval}, Event: Return, To: Returned, Roles: []Role{Chief}, Duty: ChiefDuty, Needs: reason, Round: true},
	{From: []State{ChiefApproval}, Event: Deny, To: Denied, Roles: []Role{Chief}, Duty: ChiefDuty, Needs: reason, Round: true},

	{
		From:  []State{SecrecyReview, LeaderApproval, ChiefApproval, Approved, Registered},
		Event: Rescan, When: somethingNew, To: SecrecyReview, Roles: []Role{System}, Round: true, Void: true, do: []effect{found},
	},
	{
		From:  []State{SecrecyReview, LeaderApproval, ChiefApproval, Approved, Registered},
		Event: Rescan, When: nothingNew, Roles: []Role{System}, do: []effect{found},
	},

	{
		From: []State{Approved}, Event: Register, To: Registered, Roles: []Role{Publisher}, Duty: PublishDuty,
		guard: []guard{approved}, do: []effect{number, packJob},
	},
	{From: []State{Approved, Registered}, Event: Return, To: Returned, Roles: []Role{Publisher}, Duty: PublishDuty, Needs: reason, Round: true, Void: true},
	{
		From: []State{Registered}, Event: Publish, To: Published, Roles: []Role{Publisher}, Duty: PublishDuty,
		guard: []guard{approved, archived, unsettled, inWindow, fresh}, do: []effect{show},
	},

	{From: []State{Published}, Event: FlagRecall, To: Published, Roles: []Role{System}, do: []effect{flagRecall}},
	{
		From: []State{Published}, Event: ClearRecall, To: Published, Roles: []Role{Publisher}, Duty: PublishDuty, Needs: reason,
		guard: []guard{recalled}, do: []effect{clearRecall},
	},

	{
		From: []State{Approved, Registered, Published}, Event: Suspend, To: Suspended,
		Roles: []Role{Publisher, Reviewer, Leader, Chief, DutyOfficer}, Needs: reason, Round: true, do: []effect{hide},
	},
	{From: []State{Suspended}, Event: ConfirmTakedown, To: Withdrawn, Roles: []Role{Leader, Chief}, who: []guard{otherThanSuspender}, guard: []guard{dark}},
	{
		From: []State{Suspended}, Event: Reinstate, To: SecrecyReview, Roles: []Role{Leader, Chief}, Round: true, Void: true,
		who: []guard{otherThanSuspender}, guard: []guard{dark},
	},
	{From: []State{Registered, Published}, Event: Expire, To: Expired, Roles: []Role{System}, guard: []guard{over}, do: []effect{hide}},
	{From: notSealed, Event: Seal, To: Sealed, Roles: []Role{System, Reviewer, SecrecyOfficer}, Round: true, Void: true, do: []effect{found, hide}},
}

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
