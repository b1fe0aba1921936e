package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qingyang/ui/api"
	"qingyang/ui/gate"
)

// audiences is the declared matrix of calls and who may make them; whoever adds a call says so here too.
const audiences = `GET /healthz: public
GET /api/openapi.json: public
POST /api/v1/session: public
DELETE /api/v1/session: staff
POST /api/v1/items: staff
PUT /api/v1/items/:id: staff
GET /api/v1/items/:id: staff
POST /api/v1/items/:id/attachments: staff
DELETE /api/v1/items/:id/attachments/:aid: staff
POST /api/v1/items/:id/moves: staff
POST /api/v1/items/:id/findings/:fid: staff
GET /api/v1/items/:id/attachments/:aid: staff
GET /api/v1/items/:id/revisions: staff
GET /api/v1/items/:id/diff: staff
GET /api/v1/items/:id/trail: staff
GET /api/v1/items/:id/form: staff
GET /api/v1/items/:id/papers/:kind: staff
GET /api/v1/items/:id/preview/:channel: staff
GET /api/v1/inbox: staff
GET /api/v1/search: staff
GET /api/v1/register: publisher leader chief auditor
GET /api/v1/terms: reviewer security_admin
GET /api/v1/channels: staff
POST /api/v1/channels/:id/halt: staff
POST /api/v1/channels/:id/resume: staff
GET /api/v1/audit: auditor
GET /api/v1/audit/checkpoint: auditor
GET /api/v1/audit/proof: auditor
`

// Mutant: declare one audience wider.
func TestRoutesDeclareTheirAudience(t *testing.T) {
	var got strings.Builder
	for _, r := range (&api.API{}).Routes() {
		fmt.Fprintf(&got, "%s %s: %s\n", r.Method, r.Path, r.Audience)
	}
	if got.String() != audiences {
		t.Errorf("got\n%swant\n%s", &got, audiences)
	}
}

// Every call of the description is a route and the other way round; every name it refers to is described.
func TestDescriptionMatchesRoutes(t *testing.T) {
	rs := (&api.API{}).Routes()
	d := api.Describe(rs)
	var want []string
	for _, r := range rs {
		want = append(want, r.Method+" "+regexp.MustCompile(`:([a-z]+)`).ReplaceAllString(r.Path, "{$1}"))
		if r.Doc.Summary == "" {
			t.Errorf("%s %s has no summary", r.Method, r.Path)
		}
	}
	slices.Sort(want)
	if got := calls(d); !slices.Equal(got, want) {
		t.Errorf("described %v\nroutes %v", got, want)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	known, _ := o.at("components.schemas").(map[string]any)
	refs := regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(raw), -1)
	if len(refs) < 20 {
		t.Errorf("only %d references", len(refs))
	}
	for _, m := range refs {
		if known[m[1]] == nil {
			t.Errorf("%s is not described", m[1])
		}
	}
}

// calls returns method and path of every call in a description, sorted.
func calls(d map[string]any) []string {
	var out []string
	for path, p := range d["paths"].(map[string]any) {
		for method := range p.(map[string]any) {
			out = append(out, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(out)
	return out
}

// Every key that an answer has is in its description.
func TestAnswersFitTheDescription(t *testing.T) {
	h := newHouse(t)
	path, item := h.create()
	raw, _ := json.Marshal(api.Describe(h.api.Routes()))
	var d object
	_ = json.Unmarshal(raw, &d)
	schemas, _ := d.at("components.schemas").(map[string]any)
	props := func(name string) []string {
		var ks []string
		for k := range schemas[name].(map[string]any)["properties"].(map[string]any) {
			ks = append(ks, k)
		}
		return ks
	}
	check := func(name string, o map[string]any) {
		for k := range o {
			if !slices.Contains(props(name), k) {
				t.Errorf("%s answers %s, which is not described", name, k)
			}
		}
	}
	check("Item", item)
	check("Offer", item["moves"].([]any)[0].(map[string]any))
	_, o := h.call("wang", "GET", path+"/trail", nil)
	check("Step", o["items"].([]any)[0].(map[string]any))
	_, o = h.call("wang", "GET", "/api/v1/inbox?box=drafts", nil)
	check("Row", o["items"].([]any)[0].(map[string]any))
	_, o = h.call("wang", "GET", "/api/v1/channels", nil)
	check("Channel", o["items"].([]any)[0].(map[string]any))
}

func TestSession(t *testing.T) {
	h := newHouse(t)
	in := func(body string) (int, object) { return h.call("", "POST", "/api/v1/session", body) }
	status, o := in(`{"username":"wang","password":"Qingyang-demo-1"}`)
	want := map[string]any{"id": "wang", "name": o.at("person.name"), "unit": "window-a", "roles": []any{"drafter"}}
	if status != 200 || !reflect.DeepEqual(o["person"], want) || len(o["csrf"].(string)) < 32 {
		t.Errorf("sign in: %d %v", status, o)
	}
	for body, want := range map[string]string{
		`{"username":"wang","password":"wrong"}`:               "401 unauthorized",
		`{"username":"nobody","password":"Qingyang-demo-1"}`:   "401 unauthorized",
		`{"username":"wang","password":""}`:                    "401 unauthorized",
		`{"username":"*)(uid=*","password":"Qingyang-demo-1"}`: "401 unauthorized",
		`{"username":"wang","password":"x","remember":true}`:   "400 unknown_key",
		`{"username":5,"password":"x"}`:                        "400 malformed",
		`{"username":"wang","username":"shen","password":"x"}`: "400 unknown_key",
		`{"username":"wang"`:                                   "400 malformed",
	} {
		status, o := in(body)
		if got := fmt.Sprint(status, " ", o.at("error.code")); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	h = newHouse(t)
	if status, _ := h.call("wang", "GET", "/api/v1/inbox", nil); status != 200 {
		t.Errorf("signed in: %d", status)
	}
	if w := h.send("wang", "DELETE", "/api/v1/session", "", nil); w.Code != 204 {
		t.Errorf("sign out: %d %s", w.Code, w.Body)
	}
	if status, _ := h.call("wang", "GET", "/api/v1/inbox", nil); status != 401 {
		t.Errorf("after signing out: %d", status)
	}
	if status, _ := h.call("", "GET", "/api/v1/inbox", nil); status != 401 {
		t.Errorf("nobody: %d", status)
	}
}

// Every call for every kind of staff: nobody gets 401, who is not in the audience 404, who is gets past the gate.
// Mutant: admit by any role.
func TestMatrix(t *testing.T) {
	h := newHouse(t)
	roles := map[string]string{
		"wang": "drafter", "chen": "unit_head", "zhao": "reviewer", "sun": "leader", "feng": "chief", "wu": "publisher",
		"tian": "device_keeper", "bai": "secrecy_officer", "an": "security_admin", "shen": "auditor",
	}
	for _, r := range h.api.Routes() {
		path := strings.NewReplacer(":id", "1", ":aid", "x", ":fid", "x", ":channel", "led").Replace(r.Path)
		if strings.HasSuffix(path, "/session") || r.Audience.String() == "public" {
			continue
		}
		if w := h.send("", r.Method, path, "", nil); w.Code != 401 {
			t.Errorf("%s %s for nobody: %d", r.Method, path, w.Code)
		}
		if !strings.Contains(r.Path, ":") && r.Method == "GET" {
			h.column(t, r, path, roles)
		}
	}
}

// column asks one list for every role.
func (h *house) column(t *testing.T, r gate.Route, path string, roles map[string]string) {
	t.Helper()
	for who, role := range roles {
		admitted := r.Audience.String() == "staff" || slices.Contains(strings.Fields(r.Audience.String()), role)
		w := h.send(who, r.Method, path, "", nil)
		if got := w.Code != 404; got != admitted && !strings.HasSuffix(path, "/checkpoint") {
			t.Errorf("%s %s for %s: %d, admitted %v", r.Method, path, who, w.Code, admitted)
		}
	}
}

// The whole life of a notice through the API: written, checked, reviewed, approved, registered, published, taken down.
func TestWholeLife(t *testing.T) {
	h := newHouse(t)
	path, item := h.create()
	for _, s := range []struct {
		who, event string
		more       object
		state      string
	}{
		{"wang", "submit", nil, "scanning"},
		{"chen", "unit_pass", object{"opinion": "同意"}, "secrecy_review"},
		{"zhao", "secrecy_pass", object{"opinion": "可以公开"}, "leader_approval"},
		{"sun", "leader_approve", object{"opinion": "同意发布"}, "approved"},
		{"wu", "register", nil, "registered"},
		{"wu", "publish", nil, "published"},
		{"zhao", "suspend", object{"reason_code": "error", "reason": "日期写错"}, "suspended"},
	} {
		if s.event == "publish" {
			if status, o := h.move("wu", path, "publish", nil); status != 422 || reasons(o) != "archive_pending" {
				t.Errorf("publish before the pack: %d %v", status, o)
			}
			_, o := h.call("wu", "GET", path, nil)
			if got := fmt.Sprint(o["moves"]); !strings.Contains(got, "archive_pending") {
				t.Errorf("archive_pending is not in %s", got)
			}
			h.pack(o)
		}
		status, o := h.move(s.who, path, s.event, s.more)
		if status != 200 || o["state"] != s.state {
			t.Fatalf("%s by %s: %d %v", s.event, s.who, status, o)
		}
		item = o
		if s.state == "scanning" {
			h.scan(o)
		}
	}
	var events []string
	for _, d := range item["decisions"].([]any) {
		events = append(events, d.(map[string]any)["event"].(string))
	}
	if want := []string{"submit", "unit_pass", "secrecy_pass", "leader_approve", "register", "publish", "suspend"}; !slices.Equal(events, want) {
		t.Errorf("decisions %v, want %v", events, want)
	}
	if item["number"] == "" {
		t.Error("no register number")
	}
	h.book(t, path, item)
}

// book looks at what the house wrote down about a published and suspended item.
func (h *house) book(t *testing.T, path string, item object) {
	t.Helper()
	_, o := h.call("shen", "GET", "/api/v1/register", nil)
	if line := o["items"].([]any)[0].(map[string]any); line["number"] != item["number"] {
		t.Errorf("register book: %v", line)
	}
	_, o = h.call("wang", "GET", path+"/trail", nil)
	var got []string
	for _, s := range o["items"].([]any) {
		m := s.(map[string]any)
		got = append(got, fmt.Sprint(m["event"], " ", m["result"]))
	}
	want := []string{
		"create done", "submit done", "scan_clear done", "unit_pass done", "secrecy_pass done", "leader_approve done", "register done",
		"publish refused", "archived done", "publish done", "suspend done",
	}
	if !slices.Equal(slices.DeleteFunc(got, func(s string) bool { return s == "archived done" }),
		slices.DeleteFunc(want, func(s string) bool { return s == "archived done" })) {
		t.Errorf("trail %v\nwant %v", got, want)
	}
}

// reasons returns the codes of an answer's reasons with their fields.
func reasons(o object) string {
	var out []string
	rs, _ := o.at("error.reasons").([]any)
	for _, r := range rs {
		m := r.(map[string]any)
		s := m["code"].(string)
		if f, ok := m["field"].(string); ok {
			s += " " + f
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// Invariant 8. Mutant: answer 403 to strangers.
func TestStrangersSeeNothing(t *testing.T) {
	h := newHouse(t)
	path, item := h.create()
	for _, who := range []string{"zhou", "ma", "zhao", "sun", "feng", "wu", "tian", "bai", "an", "shen"} {
		for _, c := range []string{"", "/revisions", "/diff", "/trail", "/form", "/preview/led", "/attachments/x"} {
			if status, o := h.call(who, "GET", path+c, nil); status != 404 || o.at("error.code") != "missing" {
				t.Errorf("%s GET %s: %d %v", who, c, status, o)
			}
		}
		in := object{"event": "cancel", "version": item["version"], "digest": item["digest"], "reason": "不要了", "reason_code": "other"}
		if status, _ := h.call(who, "POST", path+"/moves", in); status != 404 {
			t.Errorf("%s moves: %d", who, status)
		}
		if status, _ := h.call(who, "PUT", path, draft().put("version", item["version"])); status != 404 {
			t.Errorf("%s edits: %d", who, status)
		}
		if status, o := h.call(who, "GET", "/api/v1/search?q=国庆", nil); status != 200 || len(o["items"].([]any)) != 0 {
			t.Errorf("%s finds %v", who, o)
		}
	}
	for _, id := range []string{"0", "-1", "x", "01", "99999999", "9999999999999999999999", "%00"} {
		if w := h.send("wang", "GET", "/api/v1/items/"+id, "", nil); w.Code != 404 {
			t.Errorf("item %s: %d", id, w.Code)
		}
	}
}

func TestFilesFormsAndPreviews(t *testing.T) {
	h := newHouse(t)
	path, _ := h.create()
	status, o := h.upload("wang", path+"/attachments", "1", "名单.txt", "甲\n乙\n")
	if status != 201 || o["name"] != "名单.txt" || o["size"] != 7.0+1 || len(o["sha256"].(string)) != 64 {
		t.Fatalf("attach: %d %v", status, o)
	}
	aid := o["id"].(string)
	w := h.send("chen", "GET", path+"/attachments/"+aid, "", nil)
	if w.Code != 200 || w.Body.String() != "甲\n乙\n" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; filename*=utf-8''") {
		t.Errorf("download: %d %s %v", w.Code, w.Body, w.Header())
	}
	if w := h.send("wang", "GET", path+"/form", "", nil); w.Code != 200 || w.Body.String() != "<h1>国庆节放假通知</h1>" {
		t.Errorf("form: %d %s", w.Code, w.Body)
	}
	if w := h.send("wang", "GET", path+"/form?format=pdf", "", nil); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("form as pdf: %d %s", w.Code, w.Body)
	}
	for kind, want := range map[string]int{"request": 200, "takedown": 404} {
		if w := h.send("wang", "GET", path+"/papers/"+kind, "", nil); w.Code != want || want == 200 && w.Body.String() != "request<h1>国庆节放假通知</h1>" {
			t.Errorf("paper %s: %d %s", kind, w.Code, w.Body)
		}
	}
	if w := h.send("zhou", "GET", path+"/papers/request", "", nil); w.Code != 404 {
		t.Errorf("a stranger reads a paper: %d", w.Code)
	}
	if w := h.send("wang", "GET", path+"/preview/led", "", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "\x89PNG") {
		t.Errorf("strip: %d", w.Code)
	}
	if w := h.send("wang", "GET", path+"/preview/portal", "", nil); w.Code != 503 {
		t.Errorf("portal without a browser: %d", w.Code)
	}
	if w := h.send("wang", "GET", path+"/preview/tv", "", nil); w.Code != 404 {
		t.Errorf("channel that is not chosen: %d", w.Code)
	}
	h.painted(t, path)
	for q, want := range map[string]int{"?version=1": 409, "?version=x": 400, "?v=2": 400} {
		if w := h.send("wang", "DELETE", path+"/attachments/"+aid+q, "", nil); w.Code != want {
			t.Errorf("detach %s: %d, want %d", q, w.Code, want)
		}
	}
	if status, _ := h.call("wang", "DELETE", path+"/attachments/"+aid, object{"version": 1}); status != 409 {
		t.Errorf("detach with an old version in the body: %d", status)
	}
	if w := h.send("wang", "DELETE", path+"/attachments/"+aid, "", nil); w.Code != 200 || strings.Contains(w.Body.String(), aid) {
		t.Errorf("detach: %d %s", w.Code, w.Body)
	}
	if w := h.send("wang", "DELETE", path+"/attachments/"+aid+"?version=3", "", nil); w.Code != 404 {
		t.Errorf("detach again: %d", w.Code)
	}
}

// brush is a Painter that tells what it was given.
type brush struct{}

func (brush) PDF(_ context.Context, page []byte) ([]byte, error) {
	return append([]byte("%PDF "), page...), nil
}

func (brush) PNG(_ context.Context, _ []byte, w, h int) ([]byte, error) {
	return fmt.Appendf(nil, "%d x %d", w, h), nil
}

func (h *house) painted(t *testing.T, path string) {
	t.Helper()
	h.api.Painter = brush{}
	for call, want := range map[string]string{
		"/form?format=pdf": "%PDF <h1>国庆节放假通知</h1>", "/preview/portal": "1280 x 1600",
	} {
		if w := h.send("wang", "GET", path+call, "", nil); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %s", call, w.Code, w.Body)
		}
	}
}

func TestRevisionsAndDiff(t *testing.T) {
	h := newHouse(t)
	path, _ := h.create()
	edited := draft().put("body_html", "<p>本中心10月1日至8日放假，9日起正常办公。</p>").put("version", 1)
	if status, o := h.call("wang", "PUT", path, edited); status != 200 || o["revision"] != 2.0 {
		t.Fatalf("edit: %d %v", status, o)
	}
	_, o := h.call("chen", "GET", path+"/revisions", nil)
	if n := len(o["items"].([]any)); n != 2 {
		t.Errorf("%d revisions, want 2", n)
	}
	_, o = h.call("chen", "GET", path+"/diff", nil)
	got, _ := json.Marshal(o)
	want := `{"from":1,"sections":[{"ops":[{"break":true,"new":"本中心10月1日至8日放假，9日起正常办公。",` +
		`"old":"本中心10月1日至7日放假，8日起正常办公。","op":"changed","pieces":[{"op":"same","text":"本中心10月1日至"},` +
		`{"op":"removed","text":"7"},{"op":"added","text":"8"},{"op":"same","text":"日放假，"},` +
		`{"op":"removed","text":"8"},{"op":"added","text":"9"},{"op":"same","text":"日起正常办公。"}]}],"part":"body"}],"to":2}`
	if string(got) != want {
		t.Errorf("diff\n%s\nwant\n%s", got, want)
	}
	status, o := h.call("wang", "PUT", path, edited)
	if status != 409 || o.at("error.code") != "stale" || o.at("error.version") != 2.0 || o.at("error.by") == "" ||
		!strings.Contains(fmt.Sprint(o.at("error.diff")), "本中心10月1日至") {
		t.Errorf("stale edit: %d %v", status, o)
	}
	for _, q := range []string{"?from=3", "?to=9", "?from=0"} {
		if status, _ := h.call("wang", "GET", path+"/diff"+q, nil); status != 404 {
			t.Errorf("diff%s: %d", q, status)
		}
	}
	if status, _ := h.call("wang", "GET", path+"/diff?from=x", nil); status != 400 {
		t.Errorf("diff?from=x: %d", status)
	}
}

func TestChannels(t *testing.T) {
	h := newHouse(t)
	_, o := h.call("tian", "GET", "/api/v1/channels", nil)
	var ids []string
	for _, c := range o["items"].([]any) {
		ids = append(ids, fmt.Sprint(c.(map[string]any)["id"], " ", c.(map[string]any)["state"]))
	}
	slices.Sort(ids)
	if want := []string{"kiosk live", "led live", "portal live", "tv live"}; !slices.Equal(ids, want) {
		t.Errorf("channels %v", ids)
	}
	because := object{"reason": "屏幕内容异常"}
	for _, c := range []struct {
		who, path string
		body      any
		status    int
		code      string
	}{
		{"wang", "/api/v1/channels/led/halt", because, 403, "denied"},
		{"wu", "/api/v1/channels/led/halt", object{"reason": ""}, 422, "guard"},
		{"wu", "/api/v1/channels/led/halt", object{"why": "x"}, 400, "unknown_key"},
		{"wu", "/api/v1/channels/none/halt", because, 404, "missing"},
		{"wu", "/api/v1/channels/led/halt", because, 200, ""},
		{"wu", "/api/v1/channels/led/halt", because, 409, "illegal"},
		{"wu", "/api/v1/channels/led/resume", because, 403, "denied"},
		{"sun", "/api/v1/channels/led/resume", because, 200, ""},
	} {
		status, o := h.call(c.who, "POST", c.path, c.body)
		code, _ := o.at("error.code").(string)
		if status != c.status || code != c.code {
			t.Errorf("%s %s: %d %v", c.who, c.path, status, o)
		}
	}
}

func TestAudit(t *testing.T) {
	h := newHouse(t)
	path, _ := h.create()
	_, _ = h.move("wang", path, "unit_pass", object{"opinion": "同意"})
	h.session("shen")
	if _, err := h.db.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, o := h.call("shen", "GET", "/api/v1/audit?limit=200", nil)
	rs := o["items"].([]any)
	last := rs[len(rs)-2].(map[string]any)
	want := map[string]any{"event": "unit_pass", "result": "refused", "person": "wang", "address": "127.0.0.1", "role": ""}
	for k, v := range want {
		if last[k] != v {
			t.Errorf("refusal on the log: %s is %v, want %v", k, last[k], v)
		}
	}
	if o["next"] != nil || rs[0].(map[string]any)["seq"] != 0.0 {
		t.Errorf("next %v, first %v", o["next"], rs[0])
	}
	if _, o = h.call("shen", "GET", "/api/v1/audit?limit=2&after=3", nil); o["next"] != "5" || len(o["items"].([]any)) != 2 {
		t.Errorf("page of the log: %v", o)
	}
	if err := h.Seq.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, _ := os.ReadFile(h.Seq.Path)
	if status, o := h.call("shen", "GET", "/api/v1/audit/checkpoint", nil); status != 200 || o["note"] != string(file) {
		t.Errorf("checkpoint: %d %v", status, o)
	}
	if status, o := h.call("shen", "GET", fmt.Sprintf("/api/v1/audit/proof?seq=1&size=%d", len(rs)), nil); status != 200 ||
		!strings.HasPrefix(o["leaf"].(string), `{"at":`) || len(o["hashes"].([]any)) == 0 {
		t.Errorf("proof: %d %v", status, o)
	}
	for q, want := range map[string]int{"?seq=1": 422, "?seq=9&size=2": 422, "?seq=-1&size=2": 400, "?seq=1&size=2&x=1": 400} {
		if status, _ := h.call("shen", "GET", "/api/v1/audit/proof"+q, nil); status != want {
			t.Errorf("proof%s: %d, want %d", q, status, want)
		}
	}
	if status, _ := h.call("wang", "GET", "/api/v1/audit", nil); status != 404 {
		t.Errorf("audit for a drafter: %d", status)
	}
}

func TestLists(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		h.create()
	}
	_, o := h.call("wang", "GET", "/api/v1/inbox?box=drafts&limit=2", nil)
	next, _ := o["next"].(string)
	if len(o["items"].([]any)) != 2 || next == "" {
		t.Fatalf("first page: %v", o)
	}
	if _, o = h.call("wang", "GET", "/api/v1/inbox?box=drafts&limit=2&after="+next, nil); len(o["items"].([]any)) != 1 || o["next"] != nil {
		t.Errorf("second page: %v", o)
	}
	if _, o = h.call("wang", "GET", "/api/v1/search?q=国庆", nil); len(o["items"].([]any)) != 3 {
		t.Errorf("search: %v", o)
	}
	if _, o = h.call("zhao", "GET", "/api/v1/terms?after=a&limit=9", nil); o["next"] != "more" ||
		o["items"].([]any)[0].(map[string]any)["text"] != "a 9" {
		t.Errorf("terms: %v", o)
	}
	w := h.send("", http.MethodGet, "/healthz", "", nil)
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"status":"ok"}` {
		t.Errorf("health: %d %s", w.Code, w.Body)
	}
	if status, o := h.call("", "GET", "/api/openapi.json", nil); status != 200 || o["openapi"] != "3.1.0" {
		t.Errorf("description: %d", status)
	}
}
