package workflow

import (
	"context"
	"slices"
	"time"
)

// stepRoles says who holds a step, and as what they act there.
var stepRoles = map[State]struct {
	roles []Role
	duty  Duty
}{
	UnitCheck:      {[]Role{UnitHead}, HeadDuty},
	SecrecyReview:  {[]Role{Reviewer}, ReviewerDuty},
	LeaderApproval: {[]Role{Leader, Chief}, LeaderDuty},
	ChiefApproval:  {[]Role{Chief}, ChiefDuty},
}

const (
	// workday is the working time of one day: so long a claim holds.
	workday = 7 * time.Hour
	// remindAgain is how long one reminder stands before the next.
	remindAgain = time.Hour
)

// workingDay returns when a working day from now will have passed.
func (d *Desk) workingDay(ctx context.Context) (time.Time, error) {
	s, err := d.Setup(ctx)
	return NewCalendar(s.Holidays, s.Workdays).Add(d.now(), workday), err
}

// Claimed returns who works on it at now; nil if nobody, or the claim has lapsed.
func (it Item) Claimed(now time.Time) *Claim {
	if it.Claim == nil || !now.Before(it.Claim.Until) {
		return nil
	}
	return it.Claim
}

// holdsStep wants one who could decide here: of the step's role, and with no other part in the item.
func holdsStep(in input) []Reason {
	step := stepRoles[in.c.Item.State]
	if !slices.ContainsFunc(step.roles, func(r Role) bool { return in.a.holds(r, in.c) }) {
		return []Reason{{Code: "role", Args: names(step.roles)}}
	}
	if o := otherDuty(in.c.hands(), in.a.hands(step.duty)); o != "" {
		return []Reason{{Code: "persons", Args: []string{string(o)}}}
	}
	return nil
}

func unclaimed(in input) []Reason {
	if k := in.c.Item.Claimed(in.now); k != nil {
		return []Reason{{Code: "claimed", Args: []string{k.Name}}}
	}
	return nil
}

func claimant(in input) []Reason {
	k := in.c.Item.Claimed(in.now)
	return why(k != nil && k.Person == in.a.ID, "not_claimant")
}

// claimedByOther keeps the others from deciding while one works on it. The second verdict on a contested finding is another
// reviewer's by its nature.
func claimedByOther(r rule, in input) []Reason {
	k := in.c.Item.Claimed(in.now)
	if k == nil || k.Person == in.a.ID || r.Duty == "" || r.Duty != stepRoles[in.c.Item.State].duty {
		return nil
	}
	if f, ok := in.c.finding(in.m.finding); r.Event == Dispose && ok && f.Contest != "" {
		return nil
	}
	return []Reason{{Code: "claimed", Args: []string{k.Name}}}
}

func unreminded(in input) []Reason {
	r := in.c.Item.Reminder
	return why(r == nil || in.now.Sub(r.At) >= remindAgain, "reminded")
}

func takeUp(in input, ch *Change) {
	ch.Item.Claim = &Claim{in.a.ID, in.a.Name, in.m.until}
	ch.Record.Detail = map[string]string{"until": in.m.until.Format(time.RFC3339)}
}

func release(_ input, ch *Change) { ch.Item.Claim = nil }

// remind leaves both names on the log: who asked, and who is asked, by name if one works on it, else by role.
func remind(in input, ch *Change) {
	ch.Item.Reminder = &Reminder{in.a.ID, in.a.Name, in.now}
	asked := string(stepRoles[in.c.Item.State].roles[0])
	if k := in.c.Item.Claimed(in.now); k != nil {
		asked = k.Person + " " + k.Name
	}
	ch.Record.Detail = map[string]string{"reminded": asked}
}
