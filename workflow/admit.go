package workflow

import "slices"

// acting returns the role of r under which a acts on c, or "".
func acting(r rule, a Actor, c *Case) Role {
	for _, role := range r.Roles {
		if a.holds(role, c) {
			return role
		}
	}
	return ""
}

// holds reports whether a was granted role for this item: drafters, heads and leaders for its unit, publishers for each of
// its channels.
func (a Actor) holds(role Role, c *Case) bool {
	switch role {
	case Drafter, UnitHead, Leader:
		return a.Has(role, c.Item.Unit)
	case Publisher:
		for _, w := range c.Revision.Content.Channels {
			if !a.Has(Publisher, w.ID) {
				return false
			}
		}
		return a.Has(Publisher, "")
	case System:
		return a.ID == systemActor.ID && len(a.Keys) == 0 && a.Has(System, "")
	case Reviewer, Countersigner, Chief, DeviceKeeper, SecrecyOfficer, DutyOfficer, SecurityAdmin, Auditor:
		return a.Has(role, "")
	}
	return false
}

// admit returns nil if r lets the asker act, else every reason at once: first those that lie in the person (403).
func admit(r rule, in input) error {
	if rs := forbidden(r, in); len(rs) > 0 {
		return &RefusedError{Denied: true, Reasons: rs}
	}
	rs := lacking(r.Needs, in.m)
	for _, g := range slices.Concat(r.terms, r.guard) {
		rs = append(rs, g(in)...)
	}
	if len(rs) > 0 {
		return &RefusedError{Reasons: rs}
	}
	return nil
}

func forbidden(r rule, in input) []Reason {
	role := acting(r, in.a, in.c)
	if role == "" {
		return []Reason{{Code: "role", Args: names(r.Roles)}}
	}
	if role == System {
		return nil
	}
	var rs []Reason
	if in.a.Frozen || len(in.a.Keys) < 2 {
		rs = append(rs, Reason{Code: "frozen"})
	}
	if r.Duty != "" {
		if o := otherDuty(in.c.hands(), in.a.hands(r.Duty)); o != "" {
			rs = append(rs, Reason{Code: "persons", Args: []string{string(o)}})
		}
	}
	rs = append(rs, claimedByOther(r, in)...)
	if in.m.OnBehalf != "" && (in.a.OnBehalf == nil || in.a.OnBehalf.ID != in.m.OnBehalf) {
		rs = append(rs, Reason{Code: "delegation", Field: "on_behalf_of"})
	}
	for _, g := range r.who {
		rs = append(rs, g(in)...)
	}
	return rs
}
