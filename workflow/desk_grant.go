package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"qingyang/workflow/ledger"
)

// DecideRole approves or refuses an application. Approving makes the signed grant, and nothing else does once the first start
// is over (004 article 51); who loses a role is signed out. *RefusedError for the asker, for the one whom it concerns, for
// whatever is against it by now; ErrStale if someone else decided, or changed anybody's roles, meanwhile.
func (d *Desk) DecideRole(ctx context.Context, a Actor, id int64, approve bool, answer string) (Motion, error) {
	m, err := d.motion(ctx, a, RoleMotion, id)
	if err != nil {
		return m, err
	}
	turn, err := d.Store.GrantsTurn(ctx)
	if err != nil {
		return m, fmt.Errorf("decide application %d: %w", id, err)
	}
	if a.Grants, err = d.Grants(ctx, a.Person); err != nil { // judged as of the turn that the transaction follows
		return m, fmt.Errorf("decide application %d: %w", id, err)
	}
	event := RefuseRole
	if approve {
		event = Granted
	}
	rec := d.motionRecord(a, keeping(a, Deciders), event, m)
	rec.Detail[detailTo] = m.Role.For
	p, held, err := d.roleDecidable(ctx, a, m, approve, answer)
	if err != nil {
		if now, miss := d.motion(ctx, a, RoleMotion, id); miss == nil && now.State != m.State {
			err = ErrStale // what stands against it now is that another decided meanwhile
		}
		if re := (*RefusedError)(nil); !errors.As(err, &re) && !errors.Is(err, ErrStale) {
			return m, fmt.Errorf("%s %d: %w", event, id, err)
		}
		return m, errors.Join(fmt.Errorf("%s %d: %w", event, id, err), d.note(ctx, refusal(rec, err)))
	}
	m.Petition = m.decided(a, rec.At, approve, answer)
	if !approve {
		return m, d.declined(ctx, m, rec)
	}
	return m, d.granted(ctx, turn, m, p, held, rec)
}

// roleDecidable judges the application again, by the person and the house as they are now.
func (d *Desk) roleDecidable(ctx context.Context, a Actor, m Motion, approve bool, answer string) (Person, []Grant, error) {
	c := *m.Role
	if a.hasAny(Deciders) && samePerson(a.Person, c.For, c.ForKeys) {
		return Person{}, nil, &RefusedError{Denied: true, Reasons: []Reason{{Code: "beneficiary"}}}
	}
	if err := m.decidable(a, approve, answer); err != nil || !approve {
		return Person{}, nil, err
	}
	s, err := d.freshSetup(ctx)
	if err != nil {
		return Person{}, nil, err
	}
	p, held, err := d.subject(ctx, c)
	if err != nil {
		return p, nil, err
	}
	if samePerson(a.Person, p.ID, p.Keys) { // by a key that they got since
		return p, nil, &RefusedError{Denied: true, Reasons: []Reason{{Code: "beneficiary"}}}
	}
	rs := c.judge(p, held, s)
	if p.ID != c.For || !slices.Equal(p.Keys, c.ForKeys) { // the account, or the keys to be confirmed, are others by now
		rs = append(rs, Reason{Code: "person_moved"})
	}
	if len(rs) == 0 {
		rs, err = d.bereaves(ctx, c, held)
	}
	if len(rs) > 0 {
		return p, nil, &RefusedError{Reasons: rs}
	}
	return p, held, err
}

// bereaves returns why c would leave the house without those who grant or audit: two security administrators and an auditor
// must stay, counted without frozen accounts.
func (d *Desk) bereaves(ctx context.Context, c RoleChange, held []Grant) ([]Reason, error) {
	before, after := Actor{Grants: held}, Actor{Grants: c.After(held)}
	var rs []Reason
	for _, need := range offices {
		if !before.Has(need.role, "") || after.Has(need.role, "") {
			continue
		}
		left, err := d.holders(ctx, need.role, c.For)
		if err != nil {
			return nil, err
		}
		if left < need.n {
			rs = append(rs, Reason{Code: "grant_last", Field: "role", Args: []string{string(need.role)}})
		}
	}
	return rs, nil
}

// offices are the roles without which nobody can be granted anything or nobody looks on, and how many must hold them.
var offices = []struct {
	role Role
	n    int
}{{SecurityAdmin, 2}, {Auditor, 1}}

// holders counts the people besides one who can act as r: the rows say who might, the signed words who does.
func (d *Desk) holders(ctx context.Context, r Role, besides string) (n int, err error) {
	people, err := d.Store.Holders(ctx, r, "")
	if err != nil {
		return 0, fmt.Errorf("holders of %s: %w", r, err)
	}
	for _, p := range people {
		if p.ID == besides || p.Frozen {
			continue
		}
		gs, err := d.Grants(ctx, p)
		if err != nil {
			return 0, err
		}
		if (Actor{Person: p, Grants: gs}).Has(r, "") {
			n++
		}
	}
	return n, nil
}

// granted writes an approved application: the decision, the person, the grant with its signed word, and the end of the
// sessions of who lost something.
func (d *Desk) granted(ctx context.Context, turn int64, m Motion, p Person, held []Grant, rec ledger.Record) error {
	account, next := "", m.Role.After(held)
	if _, err := d.Store.PersonByAccount(ctx, p.ID); errors.Is(err, ErrMissing) { // the first that the house hears of them
		account = p.ID
	}
	p.Frozen = p.Frozen && m.Role.Op != Thaw
	rec.To = string(m.State)
	word := with(rec, detailKeys, KeysSum(p))
	word.Reasons = GrantNames(next)
	word = signedRecord(d.Signer, word)
	err := d.settle(ctx, m, rec, func(tx Tx) error {
		err := errors.Join(tx.FollowGrants(ctx, turn), tx.PutPerson(ctx, p, account), tx.PutGrants(ctx, p.ID, next, word))
		if err != nil || m.Role.Op != TakeRoles {
			return err
		}
		return tx.EndSessions(ctx, p.ID)
	})
	if err != nil {
		return fmt.Errorf("grant to %s: %w", p.ID, err)
	}
	return d.Seen.See(d.Signer, word)
}
