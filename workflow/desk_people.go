package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Staff is one natural person with what the house and its directory know of them.
type Staff struct {
	Actor              // Grants are those that hold now
	Granted  time.Time // when roles were last given or taken; zero if never
	SignedIn time.Time // zero if never
	Dormant  bool      // 长期未用: no sign-in for DormantAfter
	Left     bool      // the directory has the account no more, or has disabled it
	Unknown  bool      // the directory did not say
}

// People returns everybody the house knows, by name, to wardens: what 004 article 37 has filed of abnormal users is the
// frozen, dormant and left ones among them.
func (d *Desk) People(ctx context.Context, a Actor) ([]Staff, error) {
	if !a.hasAny(Wardens) {
		return nil, fmt.Errorf("people: %w", ErrMissing)
	}
	people, err := d.Store.People(ctx)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	last, err := d.Store.LastSignIns(ctx)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	silent := false // once the directory did not answer it is asked no more: each question may take seconds
	var out []Staff
	for _, p := range people {
		s, err := d.staff(ctx, p, last[p.ID])
		if err != nil {
			return nil, fmt.Errorf("people: %w", err)
		}
		if silent = silent || !d.asksOf(ctx, &s); silent {
			s.Unknown = !s.Left
		}
		out = append(out, s)
	}
	return out, nil
}

func (d *Desk) staff(ctx context.Context, p Person, last time.Time) (Staff, error) {
	s := Staff{Actor: Actor{Person: p}, SignedIn: last}
	gs, text, err := d.Store.Grants(ctx, p.ID)
	if err != nil {
		return s, err
	}
	if grantsGenuine(d.Signer, d.Seen, p, gs, text) {
		s.Grants = gs
	}
	if rec, ok := word(d.Signer, text); ok {
		s.Granted = rec.At
	}
	used := s.SignedIn
	if s.Granted.After(used) {
		used = s.Granted
	}
	s.Dormant = d.now().Sub(used) > DormantAfter
	return s, nil
}

// asksOf enters what the directory says of s; false if it does not answer.
func (d *Desk) asksOf(ctx context.Context, s *Staff) bool {
	e, err := d.Directory.Lookup(ctx, s.ID)
	s.Left = errors.Is(err, ErrMissing) || err == nil && e.Disabled
	return err == nil || s.Left
}

// Lack says whom a house is short of. Of an office Role is set, and Need and Have count its holders. Of a unit's items of a
// class Need counts the natural persons that its route takes and Have how many different ones can be found; Roles are those
// that stay without a person of their own. Of a channel without publisher Channel is set.
type Lack struct {
	Role       Role
	Unit       string
	Class      Class
	Channel    string
	Need, Have int
	Roles      []Role
}

// Lacks returns whom the house is short of, to wardens; nothing for a house that is complete.
func (d *Desk) Lacks(ctx context.Context, a Actor) ([]Lack, error) {
	staff, err := d.People(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	return s.lacks(staff), nil
}

// lacks counts natural persons: storage gives each key to one person, so every entry is somebody else. Who is frozen or has
// left does nothing.
func (s Setup) lacks(staff []Staff) (out []Lack) {
	staff = slices.DeleteFunc(slices.Clone(staff), func(x Staff) bool { return x.Frozen || x.Left })
	for _, o := range offices {
		if n := count(staff, func(a Actor) bool { return a.Has(o.role, "") }); n < o.n {
			out = append(out, Lack{Role: o.role, Need: o.n, Have: n})
		}
	}
	for _, c := range s.Channels {
		if count(staff, func(a Actor) bool { return a.Has(Publisher, c.ID) }) == 0 {
			out = append(out, Lack{Channel: c.ID, Need: 1})
		}
	}
	for _, r := range s.Routes {
		for _, class := range []Class{Ordinary, Important} {
			parts := r.parts(class)
			alone := unmatched(parts, staff)
			if len(alone) > 0 {
				out = append(out, Lack{Unit: r.Unit, Class: class, Need: len(parts), Have: len(parts) - len(alone), Roles: alone})
				break // who is missing for an ordinary item is missing for an important one too
			}
		}
	}
	return out
}

func count(staff []Staff, may func(Actor) bool) (n int) {
	for _, x := range staff {
		if may(x.Actor) {
			n++
		}
	}
	return n
}

// part is one duty of an item: whom it is called after, and who can take it.
type part struct {
	role Role
	may  func(Actor) bool
}

// parts are the duties that an item on r takes a person each for (invariant 4): five, four without the unit step, one more
// for important class.
func (r Route) parts(c Class) []part {
	ps := []part{{Drafter, func(a Actor) bool { return a.Unit == r.Unit && (a.Has(Drafter, r.Unit) || a.Has(UnitHead, r.Unit)) }}}
	if r.UnitStep {
		ps = append(ps, part{UnitHead, func(a Actor) bool { return a.Has(UnitHead, r.Unit) }})
	}
	ps = append(ps,
		part{Reviewer, func(a Actor) bool { return a.Has(Reviewer, "") }},
		part{Leader, func(a Actor) bool { return a.Has(Leader, r.Unit) || a.Has(Chief, "") }},
		part{Publisher, func(a Actor) bool { return a.Has(Publisher, "") }},
	)
	if c == Important {
		ps = append(ps, part{Chief, func(a Actor) bool { return a.Has(Chief, "") }})
	}
	return ps
}

// unmatched gives as many parts as possible a person of their own and returns the roles of the others: somebody who could do
// two things does one of them.
func unmatched(parts []part, staff []Staff) (alone []Role) {
	taken := map[int]int{} // part by person
	var find func(i int, tried map[int]bool) bool
	find = func(i int, tried map[int]bool) bool {
		for k, x := range staff {
			if tried[k] || !parts[i].may(x.Actor) {
				continue
			}
			tried[k] = true
			if other, busy := taken[k]; !busy || find(other, tried) {
				taken[k] = i
				return true
			}
		}
		return false
	}
	for i := range parts {
		if !find(i, map[int]bool{}) {
			alone = append(alone, parts[i].role)
		}
	}
	return alone
}
