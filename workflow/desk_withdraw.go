package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The notices that may stand where a withdrawn item stood. None has words of its own: nothing is shown to the public that no
// reviewer passed and no leader signed.
const (
	NoticeGone     = "gone"     // that it is gone
	NoticeReason   = "notice"   // besides since when, and the kind of the reason
	NoticeRedirect = "redirect" // besides where to find what took its place
)

// Notices lists the notices, the most sparing first.
var Notices = []string{NoticeGone, NoticeReason, NoticeRedirect}

// The answers to who asked for something.
const (
	Agree   = "agree"
	Refuse  = "refuse"
	Dissent = "dissent"
)

// results are the answers that events may give, the usual one first.
var results = map[Event][]string{
	ApproveWithdraw: {Agree, Refuse}, Cosign: {Agree, Dissent}, ProposeVerdict: {Open, Secret, Unanswered},
}

// Results returns the answers that an event may give, the usual one first.
func Results(e Event) []string { return results[e] }

// staying are the decisions on a public item that leave it public.
var staying = []Event{ClearRecall, AskWithdraw, ApproveWithdraw, Amend}

// withdrawalAsked returns the request that no leader has answered yet.
func (c *Case) withdrawalAsked() (Decision, bool) { return c.before(AskWithdraw, ApproveWithdraw) }

// before returns the last decision of e that counts now, unless one of answer followed it.
func (c *Case) before(e, answer Event) (Decision, bool) {
	for _, d := range slices.Backward(c.Decisions) {
		if d.Round != c.Item.Round || d.Digest != c.Item.Digest || d.Event != e && d.Event != answer {
			continue
		}
		return d, d.Event == e
	}
	return Decision{}, false
}

// withdrawalApproved returns the leader's consent to the last request.
func (c *Case) withdrawalApproved() (Decision, bool) {
	d, ok := c.before(ApproveWithdraw, AskWithdraw)
	return d, ok && d.Terms.Result != Refuse
}

func noticed(in input) []Reason {
	t := in.m.Terms
	if !slices.Contains(Notices, t.Notice) {
		return []Reason{{Code: "unknown_value", Field: "notice", Args: []string{"gone, notice, redirect"}}}
	}
	if (t.Notice == NoticeRedirect) != (t.Target != "") {
		return []Reason{{Code: "target_missing", Field: "target"}}
	}
	if t.Target != "" && (in.m.successor == 0 || in.m.successor == in.c.Item.ID) {
		return []Reason{{Code: "target_unknown", Field: "target"}}
	}
	return nil
}

// answered holds an answer to agree, also by silence, or refuse.
func answered(in input) []Reason {
	if r := in.m.Terms.Result; r != "" && r != Agree && r != Refuse {
		return []Reason{{Code: "unknown_value", Field: "result", Args: []string{"agree, refuse"}}}
	}
	return nil
}

func withdrawAsked(in input) []Reason {
	_, ok := in.c.withdrawalAsked()
	return why(ok, "withdraw_not_asked")
}

func withdrawApproved(in input) []Reason {
	d, ok := in.c.withdrawalApproved()
	if !ok {
		return why(false, "withdraw_not_approved")
	}
	return why(in.signer.Verify(d.Key, d.SigningBytes(), d.Sig), "signature", string(ApproveWithdraw))
}

// otherThanAsker keeps who asked for a withdrawal from approving it.
func otherThanAsker(in input) []Reason {
	d, ok := in.c.withdrawalAsked()
	return why(!ok || d.Person != in.a.ID, "same_asker")
}

// successor returns the public item with that register number; 0 if there is none.
func (d *Desk) successor(ctx context.Context, number string) (ItemID, error) {
	if number == "" {
		return 0, nil
	}
	id, err := d.Store.ByNumber(ctx, number)
	if errors.Is(err, ErrMissing) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("number of what took its place: %w", err)
	}
	c, err := d.Store.Case(ctx, id)
	if err != nil || c.Item.State != Published || c.Item.Number != number {
		return 0, err
	}
	return id, nil
}

// Tombstone is what the public may read where an item stood.
type Tombstone struct {
	Notice     string    `json:"notice"`                // gone, notice, redirect
	ReasonCode string    `json:"reason_code,omitempty"` // unless gone
	At         time.Time `json:"at,omitzero"`           // unless gone; UTC
	Target     string    `json:"target,omitempty"`      // redirect: register number
}

// Tomb returns what was asked, approved and signed to stand where c stood. Where that does not verify, nothing but that it is gone.
func (c *Case) Tomb(s Signer) Tombstone {
	gone := Tombstone{Notice: NoticeGone}
	if n := c.replacement(); n != "" {
		return Tombstone{Notice: NoticeRedirect, Target: n}
	}
	i := slices.IndexFunc(c.Decisions, func(d Decision) bool { return d.Event == Withdraw })
	if c.Item.State != Withdrawn || i < 0 {
		return gone
	}
	w := c.Decisions[i]
	ask, asked := c.signed(AskWithdraw)
	_, approved := c.withdrawalApproved()
	for _, d := range []Decision{w, ask} {
		if !asked || !approved || !s.Verify(d.Key, d.SigningBytes(), d.Sig) {
			return gone
		}
	}
	switch ask.Terms.Notice {
	case NoticeReason:
		return Tombstone{Notice: NoticeReason, ReasonCode: w.ReasonCode, At: w.At}
	case NoticeRedirect:
		return Tombstone{Notice: NoticeRedirect, ReasonCode: w.ReasonCode, At: w.At, Target: ask.Terms.Target}
	}
	return gone
}
