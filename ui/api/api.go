// Package api is the JSON face of the Desk: every call under /api/v1, the description of them all, and the health check.
// Each handler reads its input, makes one Desk call and answers; what may be done is decided by the Desk.
package api

import (
	"context"
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Log answers for the proof of the audit log, which the Desk does not hold.
type Log interface {
	// Checkpoint returns the newest signed checkpoint, or workflow.ErrMissing before the first.
	Checkpoint(ctx context.Context) ([]byte, error)
	// ProveRecord returns record seq and the proof that it is in the log of the first size records, or ledger.ErrProof.
	ProveRecord(ctx context.Context, size, seq int64) (leaf []byte, p ledger.Proof, err error)
}

// Form makes the printable review form of an item as a whole HTML page; ErrMissing for who may not see the item.
type Form interface {
	Form(c *gate.Call, id workflow.ItemID) ([]byte, error)
	// Letter returns a paper of the item: request, referral, takedown, refusal; ErrMissing too where the item has none of that kind.
	Letter(c *gate.Call, id workflow.ItemID, kind string) ([]byte, error)
}

// Painter turns an HTML page into what a person would see of it: workflow.ErrUnavailable where no browser is installed.
type Painter interface {
	// PDF returns page on A4 sheets.
	PDF(ctx context.Context, page []byte) ([]byte, error)
	// PNG returns page in a window of that many pixels.
	PNG(ctx context.Context, page []byte, width, height int) ([]byte, error)
}

// Terms lists the installed libraries.
type Terms interface {
	// Terms returns up to limit terms after the cursor, and the next cursor, empty at the end.
	Terms(ctx context.Context, after string, limit int) ([]Term, string, error)
}

// Term is one entry of an installed library.
type Term struct {
	Library    string `json:"library"`
	Version    string `json:"version"`
	Text       string `json:"text"`
	Category   string `json:"category"`
	Level      string `json:"level"`
	AutoReturn bool   `json:"auto_return"`
	Basis      string `json:"basis"`
	Suggest    string `json:"suggest"`
}

// API is the face. All but Painter must be set; without it, what needs a browser answers 503.
type API struct {
	Desk    *workflow.Desk
	Log     Log
	Form    Form
	Terms   Terms
	Painter Painter
}

// Prefix is where all calls but the health check live.
const Prefix = "/api/v1"

// Face is how the API's answers are drawn.
func (a *API) Face() gate.Face {
	return gate.Face{Prefix: "/api/", Policy: gate.DataPolicy, Draw: gate.JSON}
}

// uploadLimit leaves room for a form around the largest file.
const uploadLimit = workflow.MaxFile + 1<<20

// textLimit leaves room for a body whose every character is escaped.
const textLimit = 4 << 20

func get(path string, who gate.Audience, serve func(*gate.Call) error, d gate.Doc, query ...string) gate.Route {
	return gate.Route{Method: http.MethodGet, Path: Prefix + path, Audience: who, Query: query, Serve: serve, Doc: d}
}

func post(path string, who gate.Audience, serve func(*gate.Call) error, d gate.Doc) gate.Route {
	return gate.Route{Method: http.MethodPost, Path: Prefix + path, Audience: who, Limit: textLimit, Serve: serve, Doc: d}
}

func with(method string, r gate.Route) gate.Route {
	r.Method = method
	return r
}

// Routes returns every call with who may make it.
func (a *API) Routes() []gate.Route {
	rs := []gate.Route{
		{
			Method: http.MethodGet, Path: "/healthz", Audience: gate.Public, Serve: health,
			Doc: gate.Doc{Summary: "Whether the program serves", Out: Health{}},
		},
		{
			Method: http.MethodGet, Path: "/api/openapi.json", Audience: gate.Public, Serve: a.openapi,
			Doc: gate.Doc{Summary: "This description", Out: map[string]any{}},
		},
	}
	rs = append(rs, a.sessionRoutes()...)
	rs = append(rs, a.itemRoutes()...)
	rs = append(rs, a.readingRoutes()...)
	rs = append(rs, a.listRoutes()...)
	return append(rs, a.houseRoutes()...)
}

func (a *API) sessionRoutes() []gate.Route {
	return []gate.Route{
		post("/session", gate.Public, a.signIn, gate.Doc{Summary: "Sign in", In: Credentials{}, Out: SignedIn{}}),
		with(http.MethodDelete, post("/session", gate.Staff, a.signOut, gate.Doc{Summary: "Sign out", Status: 204})),
	}
}

func (a *API) itemRoutes() []gate.Route {
	item := gate.Doc{Summary: "Save a new revision", In: Edit{}, Out: Item{}}
	file := post("/items/:id/attachments", gate.Staff, a.attach, gate.Doc{Summary: "Add a file", Status: 201, Out: Attached{}, File: true})
	file.Limit = uploadLimit
	drop := with(http.MethodDelete, post("/items/:id/attachments/:aid", gate.Staff, a.detach, gate.Doc{Summary: "Remove a file", In: Detach{}, Out: Item{}}))
	drop.Query = []string{"version"}
	return []gate.Route{
		post("/items", gate.Staff, a.create, gate.Doc{Summary: "Write a new item", Status: 201, In: Draft{}, Out: Item{}}),
		with(http.MethodPut, post("/items/:id", gate.Staff, a.edit, item)),
		get("/items/:id", gate.Staff, a.show, gate.Doc{Summary: "An item as one may see it", Out: Item{}}),
		file, drop,
		post("/items/:id/moves", gate.Staff, a.move, gate.Doc{Summary: "Make a move", In: Move{}, Out: Item{}}),
		post("/items/:id/findings/:fid", gate.Staff, a.dispose, gate.Doc{Summary: "Dispose of a finding", In: Verdict{}, Out: Item{}}),
	}
}

func (a *API) readingRoutes() []gate.Route {
	return []gate.Route{
		get("/items/:id/attachments/:aid", gate.Staff, a.download, gate.Doc{Summary: "A file", Media: "application/octet-stream"}),
		get("/items/:id/revisions", gate.Staff, a.revisions, gate.Doc{Summary: "The revisions", Out: List[Revision]{}}),
		get("/items/:id/diff", gate.Staff, a.diff, gate.Doc{Summary: "Two revisions compared by sentence", Out: Diff{}}, "from", "to"),
		get("/items/:id/trail", gate.Staff, a.trail, gate.Doc{Summary: "All that happened to the item", Out: List[Step]{}}),
		get("/items/:id/form", gate.Staff, a.form, gate.Doc{Summary: "The printable review form", Media: "text/html"}, "format"),
		get("/items/:id/papers/:kind", gate.Staff, a.letter, gate.Doc{Summary: "A printable paper of the item: request, referral, takedown, refusal", Media: "text/html"}, "format"),
		get("/items/:id/preview/:channel", gate.Staff, a.preview, gate.Doc{Summary: "What a channel shows", Media: "image/png"}),
	}
}

func (a *API) listRoutes() []gate.Route {
	book := gate.Roles(workflow.Publisher, workflow.Leader, workflow.Chief, workflow.Auditor)
	library := gate.Roles(workflow.Reviewer, workflow.SecurityAdmin)
	return []gate.Route{
		get("/inbox", gate.Staff, a.inbox, gate.Doc{Summary: "A list of the inbox", Out: List[Row]{}}, "box", "after", "limit"),
		get("/search", gate.Staff, a.search, gate.Doc{Summary: "Items with these words", Out: List[Found]{}}, "q", "limit"),
		get("/register", book, a.register, gate.Doc{Summary: "The register book", Out: List[Line]{}}, "after", "limit"),
		get("/terms", library, a.terms, gate.Doc{Summary: "The installed terms", Out: List[Term]{}}, "after", "limit"),
	}
}

func (a *API) houseRoutes() []gate.Route {
	auditor := gate.Roles(workflow.Auditor)
	return []gate.Route{
		get("/channels", gate.Staff, a.channels, gate.Doc{Summary: "The channels", Out: List[Channel]{}}),
		post("/channels/:id/halt", gate.Staff, a.halt, gate.Doc{Summary: "Halt a channel", In: Because{}, Out: Channel{}}),
		post("/channels/:id/resume", gate.Staff, a.resume, gate.Doc{Summary: "Resume a channel", In: Because{}, Out: Channel{}}),
		get("/audit", auditor, a.audit, gate.Doc{Summary: "Records of the log", Out: List[Record]{}}, "after", "limit"),
		get("/audit/checkpoint", auditor, a.checkpoint, gate.Doc{Summary: "The newest signed checkpoint", Out: Checkpoint{}}),
		get("/audit/proof", auditor, a.proof, gate.Doc{Summary: "Proof that a record is in the log", Out: Proof{}}, "seq", "size"),
	}
}

// List is a page of a list. Next is null at the end.
type List[T any] struct {
	Items []T `json:"items"`
	Next  any `json:"next"`
}

// list makes a page; an empty cursor is the end.
func list[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	if next == "" {
		return List[T]{Items: items}
	}
	return List[T]{items, next}
}

// Health says that the program serves.
type Health struct {
	Status string `json:"status"`
}

func health(c *gate.Call) error { return c.JSON(http.StatusOK, Health{"ok"}) }
