package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Routes returns every page with who may ask for it. What a person may do with one item the Desk decides.
func (p *Pages) Routes() []gate.Route {
	var rs []gate.Route
	for _, part := range [][]gate.Route{p.doors(), p.lists(), p.drafts(), p.parts(), p.desks(), p.library(), p.admin()} {
		rs = append(rs, part...)
	}
	return rs
}

func get(path string, a gate.Audience, serve func(*gate.Call) error, query ...string) gate.Route {
	return gate.Route{Method: http.MethodGet, Path: path, Audience: a, Query: append(query, "ok"), Serve: serve}
}

func post(path string, a gate.Audience, serve func(*gate.Call) error) gate.Route {
	return gate.Route{Method: http.MethodPost, Path: path, Audience: a, Serve: serve}
}

func (p *Pages) doors() []gate.Route {
	return []gate.Route{
		get("/assets/:version/*", gate.Public, p.asset),
		get("/login", gate.Public, p.login, "next"),
		post("/login", gate.Public, p.signIn),
		get("/lang/:lang", gate.Public, p.language),
		post("/logout", gate.Staff, p.signOut),
		get("/", gate.Staff, p.home),
		get("/me", gate.Staff, p.me),
		post("/me", gate.Staff, p.prefer),
	}
}

func (p *Pages) lists() []gate.Route {
	work, write := gate.Roles(working...), gate.Roles(drafting...)
	return []gate.Route{
		get("/inbox", work, p.box(0), "after"),
		get("/inbox/done", work, p.box(1), "after"),
		get("/inbox/mine", write, p.box(2), "after"),
		get("/inbox/drafts", write, p.box(3), "after"),
		get("/items", work, p.items, "after", "text", "state"),
		get("/search", work, p.search, "q"),
		get("/register", gate.Roles(bookkeeping...), p.register, "after"),
		get("/register.csv", gate.Roles(bookkeeping...), p.registerFile("csv"), "period"),
		get("/register.xlsx", gate.Roles(bookkeeping...), p.registerFile("xlsx"), "period"),
		get("/register/summary", gate.Roles(bookkeeping...), p.summary, "period"),
		get("/register/summary.csv", gate.Roles(bookkeeping...), p.summaryFile("csv"), "period"),
		get("/register/summary.xlsx", gate.Roles(bookkeeping...), p.summaryFile("xlsx"), "period"),
		get("/terms", gate.Roles(librarians...), p.terms, "q", "category"),
		post("/terms", gate.Roles(librarians...), p.tryText),
		get("/audit", gate.Roles(workflow.Auditor), p.audit, "after"),
		get("/audit/inspection.zip", gate.Roles(workflow.Auditor), p.auditPack, "period"),
		get("/register/inspection.zip", gate.Roles(watchers...), p.registerPack, "period"),
	}
}

// formLimit is the most bytes of a drafting form: a body of the greatest length, every character of it escaped.
const formLimit = 3*workflow.MaxBody + 1<<19

func (p *Pages) drafts() []gate.Route {
	write := gate.Roles(drafting...)
	rs := []gate.Route{
		post("/items/new/fill", write, p.fill),
		post("/items", write, p.create),
		post("/items/autosave", write, p.autosave),
		post("/items/check", write, p.check),
		post("/items/:id/edit", write, p.save),
		post("/items/:id/autosave", write, p.autosave),
	}
	for i := range rs {
		rs[i].Limit = formLimit
	}
	upload := post("/items/:id/files", write, p.attach)
	upload.Limit = workflow.MaxFile + 1<<20
	return append(rs, upload,
		get("/items/new", write, p.newItem, "template"),
		get("/items/:id/edit", write, p.edit),
		post("/items/:id/files/:file/remove", write, p.detach),
	)
}

func (p *Pages) parts() []gate.Route {
	work := gate.Roles(working...)
	return []gate.Route{
		get("/items/:id", work, p.item, "do"),
		post("/items/:id/moves", work, p.move),
		post("/items/:id/findings/:finding", gate.Roles(workflow.Reviewer), p.dispose),
		get("/items/:id/diff", work, p.diff, "a", "b"),
		get("/items/:id/preview", work, p.preview),
		get("/items/:id/preview/:channel/:name", work, p.rendition, "v"),
		get("/items/:id/files", work, p.files),
		get("/items/:id/files/:file", work, p.download),
		get("/items/:id/form", work, p.formPage),
		get("/items/:id/papers/:kind", work, p.letterPage),
		get("/items/:id/trail", work, p.trail),
	}
}

func (p *Pages) desks() []gate.Route {
	watch := gate.Roles(watching...)
	return []gate.Route{
		get("/publish", gate.Roles(workflow.Publisher), p.publishing),
		get("/secrecy", gate.Roles(workflow.SecrecyOfficer), p.secrecy),
		get("/clocks", gate.Roles(workflow.Overseers...), p.clocks),
		get("/incidents", gate.Roles(watchers...), p.incidents),
		get("/screens", watch, p.screens),
		get("/screens/:channel", watch, p.screen),
		post("/screens/:channel/halt", watch, p.halt),
		post("/screens/:channel/resume", watch, p.resume),
	}
}

// library are the pages of those who keep the libraries, and of those whose items a change of them concerns.
func (p *Pages) library() []gate.Route {
	read, propose, decide := gate.Roles(workflow.Readers...), gate.Roles(workflow.Keepers...), gate.Roles(workflow.Deciders...)
	list := post("/terms/import", propose, p.readTerms)
	list.Limit = workflow.MaxTermFile + 1<<20
	return []gate.Route{
		get("/terms/proposals", read, p.proposals, "before", "text"),
		post("/terms/proposals", propose, p.propose),
		post("/terms/proposals/:id", decide, p.decideProposal),
		get("/terms/versions", read, p.versions, "before"),
		get("/terms/versions/:version", read, p.difference, "from"),
		get("/terms/import", propose, p.importing),
		list,
		post("/terms/import/propose", propose, p.proposeTerms),
		get("/terms/export.csv", read, p.exportTerms),
		get("/recalls", gate.Roles(recalling...), p.recalls, "after"),
	}
}

// admin are the pages of what persons may do and of what the house is like. Anybody may ask for a role; who sees what of it
// the Desk decides.
func (p *Pages) admin() []gate.Route {
	wardens, decide := gate.Roles(workflow.Wardens...), gate.Roles(workflow.Deciders...)
	return []gate.Route{
		get("/admin/people", wardens, p.people, "show"),
		get("/admin/people.csv", wardens, p.peopleFile("csv"), "show"),
		get("/admin/people.xlsx", wardens, p.peopleFile("xlsx"), "show"),
		get("/admin/applications", gate.Staff, p.applications, "before", "for", "op"),
		post("/admin/applications", gate.Staff, p.apply),
		post("/admin/applications/:id", decide, p.decideApplication),
		get("/admin/house", gate.Roles(workflow.Housemates...), p.house, "before"),
		post("/admin/house", gate.Roles(workflow.Furnishers...), p.proposeHouse),
		post("/admin/house/:id", decide, p.decideHouse),
	}
}
