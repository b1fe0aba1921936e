package workflow

import "slices"

// Person is a natural person. ID is our own name for them, given at the first sign-in; Keys are all directory ids and
// employee numbers ever held ("id:…", "emp:…"): two accounts that share a key are one person.
type Person struct {
	ID     string
	Name   string
	Unit   string
	Keys   []string
	Frozen bool // a key changed; two security administrators must confirm before the account acts
}

// Grant gives a role, bounded: Scope is a unit for drafter, unit_head and leader, a channel for publisher, else empty.
type Grant struct {
	Role  Role   `json:"role"`
	Scope string `json:"scope,omitempty"`
}

// Actor is a signed-in person with what they were granted. The zero Actor may do nothing.
type Actor struct {
	Person
	Grants   []Grant
	OnBehalf *Person // nil unless acting under a delegation
	Address  string  // network address, for the log
}

// Hand says that the person with Key has played Duty in an item. (item, key) is unique in storage: the database keeps
// invariant 4.
type Hand struct {
	Key  string
	Duty Duty
}

// Has reports whether a was granted role for scope. An empty scope asks for the role at all.
func (a Actor) Has(r Role, scope string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Role == r && (scope == "" || g.Scope == "" || g.Scope == scope)
	})
}

// Roles returns the distinct roles of a, in the order granted.
func (a Actor) Roles() []Role {
	var rs []Role
	for _, g := range a.Grants {
		if !slices.Contains(rs, g.Role) {
			rs = append(rs, g.Role)
		}
	}
	return rs
}

// Audience returns the keys under which a may see items (invariant 8); Case.Audience has the keys an item admits.
func (a Actor) Audience() []string {
	ks := []string{"person:" + a.ID}
	if a.Has(Drafter, "") || a.Has(UnitHead, "") {
		ks = append(ks, "unit:"+a.Unit)
	}
	for _, g := range a.Grants {
		if k := audienceKey(g); k != "" && !slices.Contains(ks, k) {
			ks = append(ks, k)
		}
	}
	return ks
}

func audienceKey(g Grant) string {
	switch g.Role {
	case UnitHead:
		return "head:" + g.Scope
	case Leader:
		return "lead:" + g.Scope
	case Publisher:
		return "pub:" + g.Scope
	case Reviewer, Chief, SecrecyOfficer, DutyOfficer:
		return string(g.Role)
	case Drafter, Countersigner, DeviceKeeper, SecurityAdmin, Auditor, System:
		return ""
	}
	return ""
}

// hands returns the hands a would leave by playing d, for the acting person and the one acted for.
func (a Actor) hands(d Duty) []Hand {
	var hs []Hand
	for _, k := range a.Keys {
		hs = append(hs, Hand{k, d})
	}
	if a.OnBehalf != nil {
		for _, k := range a.OnBehalf.Keys {
			hs = append(hs, Hand{k, d})
		}
	}
	return hs
}

// otherDuty returns a duty in hands that one of hs already played and that differs, or "".
func otherDuty(had, hs []Hand) Duty {
	for _, h := range hs {
		for _, o := range had {
			if h.Key == o.Key && h.Duty != o.Duty {
				return o.Duty
			}
		}
	}
	return ""
}
