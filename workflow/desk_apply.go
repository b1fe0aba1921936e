package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Apply asks for what becomes of one person's roles, on a paper. c names the person by account and leaves out what the
// directory says of them. *RefusedError with every reason against it, on the log; ErrUnavailable if the directory is asked
// and does not answer.
func (d *Desk) Apply(ctx context.Context, a Actor, c RoleChange, reason string) (Motion, error) {
	c.For, c.Paper = strings.ToLower(strings.TrimSpace(c.For)), strings.TrimSpace(c.Paper)
	m := Motion{Kind: RoleMotion, Petition: petitioned(a, reason, d.now()), Role: &c}
	p, held, err := d.applied(ctx, a, m)
	if p.ID != "" {
		c.For, c.ForName, c.ForUnit, c.ForKeys, c.Held = p.ID, p.Name, p.Unit, p.Keys, held
	}
	rec := d.motionRecord(a, applying(a, c), ApplyRole, m)
	rec.Detail[detailTo] = c.For
	if err != nil {
		if re := (*RefusedError)(nil); !errors.As(err, &re) {
			return m, fmt.Errorf("apply for %s: %w", c.For, err)
		}
		return m, errors.Join(fmt.Errorf("apply for %s: %w", c.For, err), d.note(ctx, refusal(rec, err)))
	}
	return d.file(ctx, m, rec)
}

// applying is the role in which a asks.
func applying(a Actor, c RoleChange) Role {
	if c.forOneself(a) {
		return ""
	}
	return keeping(a, Applicants)
}

// applied finds out whom a motion concerns, what they hold, and what is against it.
func (d *Desk) applied(ctx context.Context, a Actor, m Motion) (Person, []Grant, error) {
	c := *m.Role
	if err := c.askable(a); err != nil {
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
	if !c.forOneself(a) && !a.answersFor(p.Unit) {
		return p, nil, &RefusedError{Denied: true, Reasons: []Reason{{Code: "scope_people"}}}
	}
	rs := c.judge(p, held, s)
	if !lengthOK(m.Reason) {
		rs = append(rs, Reason{Code: "reason_length", Field: "reason"})
	}
	if n := len([]rune(c.Paper)); n == 0 || n > MaxSource || !clean(c.Paper) {
		rs = append(rs, Reason{Code: "paper_missing", Field: "paper"})
	}
	if len(rs) > 0 {
		return p, held, &RefusedError{Reasons: rs}
	}
	return p, held, nil
}

// forOneself reports whether a asks for a change of a's own roles. Nobody confirms their own account.
func (c RoleChange) forOneself(a Actor) bool { return c.For == a.ID && c.Op != Thaw }

// answersFor reports whether a may ask for people of a unit: its head, a leader bound to it, the chief and the security
// administrators for everybody.
func (a Actor) answersFor(unit string) bool {
	return a.hasAny([]Role{Chief, SecurityAdmin}) || a.Has(UnitHead, unit) || a.Has(Leader, unit)
}

// askable returns why a may not ask at all. It comes before anybody is looked up: nobody learns from here who works in other
// units.
func (c RoleChange) askable(a Actor) error {
	switch {
	case c.Op == Thaw:
		return entitled(a, Deciders)
	case c.forOneself(a) && !a.Frozen && len(a.Keys) > 1:
		return nil
	case c.forOneself(a):
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "frozen"}}}
	}
	return entitled(a, Applicants)
}

// subject returns whom c concerns, as the directory knows them where they are to be given something, and what they hold now.
func (d *Desk) subject(ctx context.Context, c RoleChange) (Person, []Grant, error) {
	p, err := d.Store.PersonByAccount(ctx, c.For)
	if c.Op == GiveRoles && (err == nil || errors.Is(err, ErrMissing)) {
		p, err = d.hired(ctx, c.For)
	}
	if errors.Is(err, ErrMissing) {
		return Person{}, nil, &RefusedError{Reasons: []Reason{{Code: "person_unknown", Field: "for"}}}
	}
	if err != nil {
		return Person{}, nil, err
	}
	if c.Op == Thaw {
		held, err := d.heldBefore(ctx, p)
		return p, held, err
	}
	held, err := d.Grants(ctx, p)
	return p, held, err
}

// hired returns the person of an account as the directory has it now: who left, has no employee number or bears one that
// nobody confirmed yet is given nothing. ErrMissing if there is none.
func (d *Desk) hired(ctx context.Context, account string) (Person, error) {
	e, err := d.Directory.Lookup(ctx, account)
	if err != nil {
		return Person{}, err
	}
	if e.Disabled || e.ID == "" || e.Employee == "" {
		return Person{}, &RefusedError{Reasons: []Reason{{Code: "person_left", Field: "for"}}}
	}
	keys := []string{"id:" + e.ID, "emp:" + e.Employee}
	p, err := d.known(ctx, e.Account, keys)
	if errors.Is(err, ErrMissing) {
		return Person{ID: e.Account, Name: e.Name, Unit: e.Unit, Keys: keys}, nil
	}
	if err != nil {
		return Person{}, err
	}
	p.Name, p.Unit = e.Name, e.Unit
	if slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(p.Keys, k) }) {
		p.Frozen = true // the next sign-in will freeze the account; nothing is granted to it meanwhile
	}
	return p, nil
}

// heldBefore returns what p held under the keys that they had before the one that froze the account.
func (d *Desk) heldBefore(ctx context.Context, p Person) ([]Grant, error) {
	gs, text, err := d.Store.Grants(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for n := len(p.Keys); n > 0; n-- { // keys are only ever added, at the end
		former := p
		former.Keys = p.Keys[:n]
		if grantsGenuine(d.Signer, d.Seen, former, gs, text) {
			return gs, nil
		}
	}
	return nil, nil
}

// judge returns every reason against c for p, who holds held now.
func (c RoleChange) judge(p Person, held []Grant, s Setup) []Reason {
	f := faults{}
	f.change(c, p)
	for _, g := range c.Grants {
		f.grant(c.Op, g, held, s)
	}
	if c.Op == GiveRoles && exclusive(c.After(held)) {
		f.add("grant_exclusive", "role")
	}
	return f.rs
}

// change adds what is against c whatever roles it names.
func (f *faults) change(c RoleChange, p Person) {
	numbered := slices.ContainsFunc(p.Keys, func(k string) bool { return strings.HasPrefix(k, "emp:") })
	switch {
	case !slices.Contains(RoleOps, c.Op):
		f.add("unknown_value", "op", "give", "take", "thaw")
	case c.Op == Thaw && !p.Frozen:
		f.add("not_frozen", "for")
	case c.Op == Thaw && !numbered:
		f.add("person_left", "for")
	case c.Op == GiveRoles && p.Frozen:
		f.add("person_frozen", "for")
	case c.Op != Thaw && len(c.Grants) == 0:
		f.add("grants_missing", "role")
	}
}

// grant adds what is against giving or taking g.
func (f *faults) grant(op RoleOp, g Grant, held []Grant, s Setup) {
	name, has := GrantNames([]Grant{g})[0], slices.Contains(held, g)
	switch {
	case op == Thaw, op == GiveRoles && !s.Bounds(g):
		f.add("grant_scope", "role", name)
	case op == GiveRoles && has:
		f.add("grant_held", "role", name)
	case op == TakeRoles && !has:
		f.add("grant_not_held", "role", name)
	}
}
