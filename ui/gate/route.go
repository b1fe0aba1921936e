package gate

import (
	"slices"
	"strings"

	"qingyang/workflow"
)

// Audience says who may call a route. The zero Audience admits nobody.
type Audience struct {
	kind  string
	roles []workflow.Role
}

// The audiences besides Roles. On a Public route nobody is signed in, whatever cookie came along: Call.Actor is zero.
var (
	Public = Audience{kind: "public"}
	Staff  = Audience{kind: "staff"}
)

// Roles admits who was granted any of rs.
func Roles(rs ...workflow.Role) Audience { return Audience{"roles", rs} }

// Declared reports whether a says anything at all.
func (a Audience) Declared() bool { return a.kind == "public" || a.kind == "staff" || len(a.roles) > 0 }

// Admits reports whether a signed-in person may call the route.
func (a Audience) Admits(p workflow.Actor) bool {
	switch a.kind {
	case "public", "staff":
		return true
	case "roles":
		return slices.ContainsFunc(a.roles, func(r workflow.Role) bool { return p.Has(r, "") })
	}
	return false
}

// String returns public, staff, the roles, or nobody.
func (a Audience) String() string {
	if !a.Declared() {
		return "nobody"
	}
	if a.kind != "roles" {
		return a.kind
	}
	var out []string
	for _, r := range a.roles {
		out = append(out, string(r))
	}
	return strings.Join(out, " ")
}

// Route is one declared route. Path is written as Echo does, with :name for what varies.
type Route struct {
	Method, Path string
	Audience     Audience
	Query        []string // the keys that the query may have; every other key is refused
	Limit        int64    // bytes of the body; 0 means 1 MiB
	Policy       string   // Content-Security-Policy; empty for the face's
	Serve        func(c *Call) error
	Doc          Doc
}

// Doc describes a route of the API. In and Out are zero values of what is sent and answered; nil for none.
type Doc struct {
	Summary string
	Status  int // of success; 0 means 200
	In, Out any
	Media   string // of the answer, where it is not JSON
	File    bool   // a multipart form with file and version is sent
}

// writes reports whether the route changes something.
func (r Route) writes() bool { return r.Method != "GET" && r.Method != "HEAD" }
