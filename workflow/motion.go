package workflow

import (
	"slices"
	"strings"
	"time"
)

// MotionKind says what a motion changes.
type MotionKind string

// The kinds of motions.
const (
	RoleMotion  MotionKind = "role"  // 授权申请 (004 articles 48 to 51)
	HouseMotion MotionKind = "house" // a change of routes, columns, channels or working days
)

// Motion is a petition to change what persons may do, or the house itself: nothing else changes either once the first start
// is over. Exactly one of Role and House is set, as Kind says.
type Motion struct {
	Petition
	Kind    MotionKind   `json:"-"`
	Role    *RoleChange  `json:"role,omitempty"`
	House   *HouseChange `json:"house,omitempty"`
	Version int64        `json:"version,omitempty"` // of the configuration that it made; 0 for none
}

// MotionQuery asks for motions of a kind, newest first, from before the given number on; 0 for all. State and Person narrow
// unless empty: a person's are those that they asked for or that concern them.
type MotionQuery struct {
	Kind   MotionKind
	State  ProposalState
	Person string
	Before int64
	Limit  int // 1 to 200
}

// Concerns returns whose roles a motion changes; empty for the house.
func (m Motion) Concerns() string {
	if m.Role == nil {
		return ""
	}
	return m.Role.For
}

// Subject names what a motion is about: of two with the same subject only one may wait, so that a double click asks once.
func (m Motion) Subject() string {
	if m.Role != nil {
		return strings.Join(append([]string{string(m.Role.Op), m.Role.For}, GrantNames(m.Role.Grants)...), " ")
	}
	return m.House.Now.Subject()
}

// digest is the SHA-256 of what is asked for, which the records of asking and deciding carry.
func (m Motion) digest() string {
	return sum(struct {
		Role  *RoleChange  `json:"role,omitempty"`
		House *HouseChange `json:"house,omitempty"`
	}{m.Role, m.House})
}

// RoleOp is what a RoleChange does.
type RoleOp string

// What may be asked for a person: roles given or taken away, or an account confirmed whose keys changed (invariant 4).
const (
	GiveRoles RoleOp = "give"
	TakeRoles RoleOp = "take"
	Thaw      RoleOp = "thaw"
)

// RoleOps are all of them.
var RoleOps = []RoleOp{GiveRoles, TakeRoles, Thaw}

// RoleChange is what is to become of one person's roles. For is Person.ID, or the directory's account of who is not known
// yet; name, unit and keys are those at the time of asking. Paper is the number of the signed form that it rests on: 004
// article 51 has rights fixed by an application.
type RoleChange struct {
	Op      RoleOp   `json:"op"`
	For     string   `json:"for"`
	ForName string   `json:"for_name"`
	ForUnit string   `json:"for_unit"`
	ForKeys []string `json:"for_keys"`
	Grants  []Grant  `json:"grants,omitempty"`
	Held    []Grant  `json:"held,omitempty"` // what they held when it was asked for
	Paper   string   `json:"paper"`
}

// After returns what a person who holds now will hold once c is done.
func (c RoleChange) After(now []Grant) []Grant {
	out := slices.Clone(now)
	for _, g := range c.Grants {
		i := slices.Index(out, g)
		switch {
		case c.Op == GiveRoles && i < 0:
			out = append(out, g)
		case c.Op == TakeRoles && i >= 0:
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// The bounds of a role's scope.
const (
	UnitBound    = "unit"
	ChannelBound = "channel"
)

// Bound returns what the scope of a grant of r names, unit, channel or nothing; false for what nobody can be granted.
func Bound(r Role) (bound string, ok bool) {
	switch r {
	case Drafter, UnitHead, Leader:
		return UnitBound, true
	case Publisher:
		return ChannelBound, true
	case Reviewer, Countersigner, Chief, DeviceKeeper, SecrecyOfficer, DutyOfficer, SecurityAdmin, Auditor:
		return "", true
	case System:
		return "", false
	}
	return "", false
}

// Grantable are the roles that a person can be granted, in the order of an item's way.
var Grantable = []Role{
	Drafter, UnitHead, Reviewer, Countersigner, Leader, Chief, Publisher, DeviceKeeper, SecrecyOfficer, DutyOfficer, SecurityAdmin, Auditor,
}

// Bounds reports whether g names a unit or a channel of the house exactly where its role needs one.
func (s Setup) Bounds(g Grant) bool {
	bound, ok := Bound(g.Role)
	switch {
	case !ok:
		return false
	case bound == UnitBound:
		return slices.ContainsFunc(s.Units, func(u Unit) bool { return u.ID == g.Scope })
	case bound == ChannelBound:
		return slices.ContainsFunc(s.Channels, func(c Channel) bool { return c.ID == g.Scope })
	}
	return g.Scope == ""
}

// exclusive reports whether gs break the separation of the three administrators: who grants or audits does nothing else.
func exclusive(gs []Grant) bool {
	rs := Actor{Grants: gs}.Roles()
	return len(rs) > 1 && (slices.Contains(rs, SecurityAdmin) || slices.Contains(rs, Auditor))
}

// DormantAfter is how long an account may go unused before it is listed for 备案 (004 article 37).
const DormantAfter = 90 * 24 * time.Hour
