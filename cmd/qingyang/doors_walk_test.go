package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"qingyang/ui/api"
	"qingyang/ui/gate"
	"qingyang/ui/page"
	"qingyang/ui/screen"
	"qingyang/workflow"
)

// walk tries every GET route with every item, and every POST route of an item that is not the walker's.
func (g *grounds) walk(w *walker) {
	for _, rs := range [][]gate.Route{(&page.Pages{}).Routes(), (&api.API{}).Routes(), screen.New(screen.Parts{}).Routes()} {
		for _, r := range rs {
			ofItem := strings.Contains(r.Path, "/items/:id")
			switch {
			case r.Method == http.MethodGet && ofItem:
				for _, p := range g.items {
					g.stranger(w, r, p)
				}
			case r.Method == http.MethodGet:
				for _, path := range g.paths(r) {
					g.peek(w, r, path)
				}
			case ofItem && w.who != "":
				for _, p := range g.items {
					g.push(w, r, p)
				}
			}
		}
	}
}

// stranger asks for one item's route as somebody it is nothing to.
func (g *grounds) stranger(w *walker, r gate.Route, p *planted) {
	if p.knows(w.who) {
		return
	}
	for _, path := range p.doors(r.Path) {
		for _, q := range queries(r) {
			status, body, err := w.ask("GET", path+q, nil, "")
			want := status == http.StatusNotFound || bad(q) && status == http.StatusBadRequest || w.who == "" && (status == http.StatusUnauthorized || status == http.StatusSeeOther)
			if err != nil || !want {
				g.t.Errorf("%s%s answers %q of a %s item with %d (%v)", path, q, w.who, p.state, status, err)
			}
			g.check(w, "GET "+path+q, body, false)
		}
	}
}

// bad reports whether a query is refused before anybody looks for the item.
func bad(query string) bool { return query == "?unknown=1" || query == "?limit=x" }

// push sends a form to one item's route as somebody it is nothing to.
func (g *grounds) push(w *walker, r gate.Route, p *planted) {
	if p.knows(w.who) || r.Method != http.MethodPost {
		return
	}
	for _, path := range p.doors(r.Path) {
		status, body, err := w.ask("POST", path, url.Values{"event": {"suspend"}, "version": {"1"}, "reason": {"想看看"}, "verdict": {"accept"}}, "")
		if err != nil || status < 400 || status == http.StatusTooManyRequests {
			g.t.Errorf("POST %s answers %q of a %s item with %d (%v)", path, w.who, p.state, status, err)
		}
		g.check(w, "POST "+path, body, false)
	}
}

// doors fills the path of an item's route with what that item has.
func (p *planted) doors(path string) []string {
	path = strings.Replace(path, ":id", strconv.FormatInt(p.ID, 10), 1)
	out := []string{path}
	for name, values := range map[string][]string{
		":channel": {"portal", "led"}, ":name": {"page.html", "strip.txt", "strip.png"}, ":file": p.files, ":aid": p.files,
		":finding": {"0000000000000000"}, ":fid": {"0000000000000000"},
	} {
		var next []string
		for _, s := range out {
			if !strings.Contains(s, name) {
				next = append(next, s)
				continue
			}
			for _, v := range values {
				next = append(next, strings.Replace(s, name, v, 1))
			}
		}
		out = next
	}
	return out
}

// queries are the questions that a route takes.
func queries(r gate.Route) []string {
	out := []string{""}
	for _, k := range r.Query {
		switch k {
		case "q", "text":
			out = append(out, "?"+k+"="+url.QueryEscape(fruit), "?"+k+"="+url.QueryEscape("正文"), "?"+k+"=zq7x")
		case "box":
			for _, b := range []string{"todo", "done", "mine", "drafts"} {
				out = append(out, "?box="+b+"&limit=200")
			}
		case "limit":
			out = append(out, "?limit=200", "?limit=x")
		case "a":
			out = append(out, "?a=1&b=2")
		case "from":
			out = append(out, "?from=1&to=2")
		case "state":
			for _, x := range plantations {
				out = append(out, "?state="+string(x.state))
			}
		}
	}
	return append(out, "?unknown=1")
}

// paths fills the path of a route that is no item's.
func (g *grounds) paths(r gate.Route) []string {
	channels := []string{"portal", "led", "tv", "kiosk"}
	values := map[string][]string{
		":channel": channels, ":lang": {"zh"}, ":version": {"x"}, "*": {"app.css"}, ":column": {"notice"}, ":number": {}, ":sha": {},
	}
	if strings.HasPrefix(r.Path, "/channels/:id") {
		values[":id"] = channels
	}
	for _, p := range g.items {
		values[":number"] = append(values[":number"], url.PathEscape(p.Number))
		values[":sha"] = append(values[":sha"], p.shas...)
	}
	out := []string{r.Path}
	for name, vs := range values {
		var next []string
		for _, s := range out {
			if !strings.Contains(s, name) {
				next = append(next, s)
				continue
			}
			for _, v := range vs {
				next = append(next, strings.Replace(s, name, v, 1))
			}
		}
		out = next
	}
	var all []string
	for _, s := range out {
		for _, q := range queries(r) {
			all = append(all, s+q)
		}
	}
	return all
}

// peek asks for a list, a feed, a page of the house.
func (g *grounds) peek(w *walker, r gate.Route, path string) {
	key := ""
	screens := strings.HasPrefix(path, "/channels/")
	if screens {
		key = "demo-" + strings.Split(strings.Split(path, "?")[0], "/")[2]
	}
	status, body, err := w.ask("GET", path, nil, key)
	if err != nil || status == http.StatusTooManyRequests || status >= 500 && status != http.StatusServiceUnavailable {
		g.t.Errorf("%s answers %q with %d (%v)", path, w.who, status, err)
	}
	if strings.Contains(path, "q=zq7x") || strings.Contains(path, "text=zq7x") {
		body = strings.ReplaceAll(body, "zq7x\"", "") // the question itself, in its field
	}
	g.check(w, path, body, screens)
	if !screens && !strings.Contains(r.Path, "audit") {
		g.hidden(w, path, body)
	}
}

// booked: the register book shows the titles of what was registered to those who keep or audit it, sealed ones excepted.
func (p *planted) booked(who, path string) bool {
	book := strings.HasPrefix(path, "/register") || strings.HasPrefix(path, "/api/v1/register")
	return book && who == "shen" && p.Number != "" && p.state != workflow.Sealed
}

// check fails for every canary of an item that the walker is not a party of. On screens the public reads what is published.
func (g *grounds) check(w *walker, path, body string, screens bool) {
	for _, hit := range canary.FindAllStringSubmatch(body, -1) {
		var n int
		if _, err := fmt.Sscan(strings.TrimLeft(hit[1], "0")+" ", &n); err != nil {
			n = 0
		}
		p := g.items[n]
		if screens && p.public() && hit[2] == "tx" || !screens && p.knows(w.who) || hit[2] == "tx" && p.booked(w.who, path) {
			continue
		}
		g.t.Errorf("%s tells %q of a %s item: …%s…", path, w.who, p.state, around(body, hit[0]))
		return
	}
}

// hidden fails where a list names a sealed item, if only by its id, to somebody who was a party before.
func (g *grounds) hidden(w *walker, path, body string) {
	for _, p := range g.items {
		if p.state != workflow.Sealed || p.knows(w.who) {
			continue
		}
		for _, mark := range []string{fmt.Sprintf(`/items/%d"`, p.ID), fmt.Sprintf(`"id":%d,`, p.ID), fmt.Sprintf(`"item":%d,`, p.ID)} {
			if strings.Contains(body, mark) {
				g.t.Errorf("%s names the sealed item to %q: …%s…", path, w.who, around(body, mark))
			}
		}
	}
}
