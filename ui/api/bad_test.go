package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Every wrong form of issue's list: the answer names the field, nothing is saved, and the number is in the program's log.
func TestBadContent(t *testing.T) {
	h := newHouse(t)
	path, item := h.create()
	at := func(d time.Duration) string {
		return time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC).Add(d).Format(time.RFC3339)
	}
	check := draft()["self_check"].(object)
	for _, c := range []struct {
		name    string
		body    any
		status  int
		code    string
		reasons string
	}{
		{"nothing", object{}, 422, "invalid", "title_missing title, body_missing body_html, missing disclosure, channels_missing channels, missing self_check"},
		{"no title", draft().put("title", nil), 422, "invalid", "title_missing title"},
		{"blank title", draft().put("title", "  "), 422, "invalid", "title_missing title"},
		{"long title", draft().put("title", strings.Repeat("长", 201)), 422, "invalid", "too_long title"},
		{"two-line title", draft().put("title", "一\n二"), 422, "invalid", "unknown_value title"},
		{"long body", draft().put("body_html", strings.Repeat("长", 70_000)), 422, "invalid", "too_long body_html"},
		{"huge body", draft().put("body_html", strings.Repeat("长", 2_000_000)), 413, "too_large", ""},
		{"long strip", draft().put("channels", []object{{"id": "led", "text": strings.Repeat("长", 121)}}), 422, "invalid", "text_too_long channels[0].text"},
		{"no such channel", draft().put("channels", []object{{"id": "radio"}}), 422, "invalid", "channel_unknown channels[0].id"},
		{"channel twice", draft().put("channels", []object{{"id": "led"}, {"id": "led"}}), 422, "invalid", "channel_unknown channels[1].id"},
		{
			"until before from", draft().put("channels", []object{{"id": "tv", "from": at(time.Hour), "until": at(0)}}),
			422, "invalid", "until_before_from channels[0].until",
		},
		{"time without offset", draft().put("channels", []object{{"id": "tv", "from": "2026-09-01T08:00:00"}}), 400, "malformed", "wrong_type channels[0].from"},
		{"no such class", draft().put("class", "secret"), 422, "invalid", "unknown_value class"},
		{"no such urgency", draft().put("urgency", "now"), 422, "invalid", "unknown_value urgency"},
		{"no such column", draft().put("column", "jokes"), 422, "invalid", "column_unknown column"},
		{"no such disclosure", draft().put("disclosure", object{"kind": "maybe"}), 422, "invalid", "unknown_value disclosure.kind"},
		{"word for a boolean", draft().put("self_check", check.put("accurate", "yes")), 400, "malformed", "wrong_type self_check.accurate"},
		{"number for a title", draft().put("title", 5), 400, "malformed", "wrong_type title"},
		{"unknown key", draft().put("state", "published"), 400, "unknown_key", "unknown_key state"},
		{"unknown inner key", draft().put("disclosure", object{"kind": "active", "level": 1}), 400, "unknown_key", "unknown_key disclosure.level"},
		{"doubled key", `{"title":"x","title":"y"}`, 400, "unknown_key", "doubled_key title"},
		{"future schema", draft().put("v", 2), 422, "invalid", "schema v"},
		{"version in a new item", draft().put("version", 1), 400, "unknown_key", "unknown_key version"},
		{"text", "title=x", 400, "malformed", "syntax"},
	} {
		status, o := h.call("wang", "POST", "/api/v1/items", c.body)
		number, _ := o.at("error.number").(string)
		if status != c.status || o.at("error.code") != c.code || reasons(o) != c.reasons {
			t.Errorf("%s: %d %v", c.name, status, o)
		}
		if len(number) != 8 || !h.Log.Has(number) || o.at("error.message") == "" {
			t.Errorf("%s: number %q is not in the log", c.name, number)
		}
	}
	_, after := h.call("wang", "GET", "/api/v1/inbox?box=drafts", nil)
	if n := len(after["items"].([]any)); n != 1 {
		t.Errorf("%d items, want the first only", n)
	}
	if status, o := h.call("wang", "PUT", path, draft()); status != 422 || reasons(o) != "missing version" {
		t.Errorf("edit without version: %d %v", status, o)
	}
	if _, o := h.call("wang", "GET", path, nil); o["version"] != item["version"] {
		t.Errorf("refused edits changed the item: %v", o)
	}
}

func TestBadMoves(t *testing.T) {
	h := newHouse(t)
	path, item := h.create()
	good := object{"event": "submit", "version": item["version"], "digest": item["digest"]}
	for _, c := range []struct {
		name, who string
		body      any
		status    int
		code      string
		reasons   string
	}{
		{"nothing", "wang", object{}, 422, "invalid", "missing event, missing version, missing digest"},
		{"old version", "wang", good.put("version", 0), 409, "stale", ""},
		{"another digest", "wang", good.put("digest", strings.Repeat("0", 64)), 409, "stale", ""},
		{"word for a version", "wang", good.put("version", "1"), 400, "malformed", "wrong_type version"},
		{"unknown key", "wang", good.put("force", true), 400, "unknown_key", "unknown_key force"},
		{"another event's key", "wang", good.put("at", "2026-09-01T08:00:00Z"), 400, "unknown_key", "not_for at"},
		{"later event", "wang", good.put("event", "schedule").put("at", "2026-09-01T08:00:00Z"), 409, "illegal", ""},
		{"no event", "wang", good.put("event", "fly"), 409, "illegal", ""},
		{"edit by a move", "wang", good.put("event", "edit"), 409, "illegal", ""},
		{"the program's event", "wang", good.put("event", "scan_clear"), 409, "illegal", ""},
		{"event out of turn", "wang", good.put("event", "publish"), 409, "illegal", ""},
		{"event that is no name", "wang", good.put("event", "提交"), 422, "invalid", "unknown_value event"},
		{"role", "chen", good.put("event", "recall"), 409, "illegal", ""},
		{"no reason", "wang", good.put("event", "cancel"), 422, "guard", "reason_code reason_code, reason_missing reason"},
		{"wrong reason code", "wang", good.put("event", "cancel").put("reason", "不发了").put("reason_code", "mood"), 422, "guard", "reason_code reason_code"},
		{"long reason", "wang", good.put("event", "cancel").put("reason", strings.Repeat("长", 501)).put("reason_code", "other"), 422, "guard", "reason_length reason"},
		{"contest of nothing", "wang", good.put("contest", []object{{"finding": "x", "reason": "误报"}}), 422, "guard", "contest_unknown contest[0].finding"},
		{"delegation", "wang", good.put("event", "leader_approve").put("on_behalf_of", "sun"), 409, "illegal", ""},
	} {
		status, o := h.call(c.who, "POST", path+"/moves", c.body)
		number, _ := o.at("error.number").(string)
		if status != c.status || o.at("error.code") != c.code || reasons(o) != c.reasons || !h.Log.Has(number) {
			t.Errorf("%s: %d %v", c.name, status, o)
		}
	}
	if _, o := h.call("wang", "GET", path, nil); o["version"] != item["version"] || o["state"] != "draft" {
		t.Errorf("refused moves changed the item: %v", o)
	}
	h.refused(t, path)
}

// refused counts the refusals on the item's trail: 403, 409 and 422 guard are there, malformed ones are not.
func (h *house) refused(t *testing.T, path string) {
	t.Helper()
	_, o := h.call("wang", "GET", path+"/trail", nil)
	n := 0
	for _, s := range o["items"].([]any) {
		if s.(map[string]any)["result"] == "refused" {
			n++
		}
	}
	if n != 13 {
		t.Errorf("%d refusals on the log, want 13: %v", n, o)
	}
}

// A person who had a duty in an item has no other; the answer says which.
func TestDutiesExclude(t *testing.T) {
	h := newHouse(t)
	status, o := h.call("chen", "POST", "/api/v1/items", draft())
	if status != 201 {
		t.Fatalf("create: %d %v", status, o)
	}
	path := fmt.Sprintf("/api/v1/items/%v", o["id"])
	if status, o = h.move("chen", path, "submit", nil); status != 200 {
		t.Fatalf("submit: %d %v", status, o)
	}
	h.scan(o)
	status, o = h.move("chen", path, "unit_pass", object{"opinion": "同意"})
	if status != 403 || reasons(o) != "persons" || !strings.Contains(fmt.Sprint(o.at("error.reasons")), "拟稿") {
		t.Errorf("head passes own item: %d %v", status, o)
	}
}

func TestBadFindings(t *testing.T) {
	h := newHouse(t)
	_, o := h.call("wang", "POST", "/api/v1/items", draft().put("body_html", "<p>咨询请打张三手机13800001234。</p>"))
	path := fmt.Sprintf("/api/v1/items/%v", o["id"])
	_, o = h.move("wang", path, "submit", nil)
	h.scan(o)
	_, _ = h.move("chen", path, "unit_pass", object{"opinion": "同意"})
	_, o = h.call("zhao", "GET", path, nil)
	fs := o["findings"].([]any)
	if len(fs) != 1 || o["state"] != "secrecy_review" {
		t.Fatalf("findings %v of %v", fs, o["state"])
	}
	f := fs[0].(map[string]any)
	if f["text"] != "13800001234" || f["start"] != 11.0 || f["end"] != 22.0 || f["level"] != "block" || f["part"] != "body" {
		t.Errorf("finding %v", f)
	}
	fid := path + "/findings/" + f["id"].(string)
	in := object{"verdict": "accept", "reason": "对外公布的服务电话", "version": o["version"]}
	for _, c := range []struct {
		name, who, path string
		body            any
		status          int
		code            string
		reasons         string
	}{
		{"nothing", "zhao", fid, object{}, 422, "invalid", "missing verdict, missing version"},
		{"no reason", "zhao", fid, in.put("reason", ""), 422, "guard", "reason_length reason"},
		{"no such verdict", "zhao", fid, in.put("verdict", "ignore"), 422, "guard", "verdict_unknown verdict"},
		{"no such finding", "zhao", path + "/findings/none", in, 422, "guard", "finding_unknown"},
		{"old version", "zhao", fid, in.put("version", 1), 409, "stale", ""},
		{"the author", "wang", fid, in, 403, "denied", "role"},
		{"unknown key", "zhao", fid, in.put("all", true), 400, "unknown_key", "unknown_key all"},
		{"good", "zhao", fid, in, 200, "", ""},
	} {
		status, o := h.call(c.who, "POST", c.path, c.body)
		code, _ := o.at("error.code").(string)
		if status != c.status || code != c.code || reasons(o) != c.reasons {
			t.Errorf("%s: %d %v", c.name, status, o)
		}
	}
}

func TestBadFilesAndQueries(t *testing.T) {
	h := newHouse(t)
	path, _ := h.create()
	for _, c := range []struct {
		name, version, file, content string
		status                       int
		reasons                      string
	}{
		{"no version", "", "a.txt", "x", 422, "missing version"},
		{"word for a version", "one", "a.txt", "x", 400, "wrong_type version"},
		{"old version", "7", "a.txt", "x", 409, ""},
		{"forbidden type", "1", "a.exe", "x", 415, "file_type file"},
		{"empty", "1", "a.txt", "", 422, "file_empty file"},
		{"long name", "1", strings.Repeat("长", 200) + ".txt", "x", 422, "too_long file"},
	} {
		status, o := h.upload("wang", path+"/attachments", c.version, c.file, c.content)
		if status != c.status || reasons(o) != c.reasons {
			t.Errorf("%s: %d %v", c.name, status, o)
		}
	}
	if w := h.send("wang", "POST", path+"/attachments", "application/json", strings.NewReader("{}")); w.Code != 415 {
		t.Errorf("no form: %d %s", w.Code, w.Body)
	}
	for q, want := range map[string]int{
		"/inbox?limit=201": 400, "/inbox?limit=0": 400, "/inbox?box=all": 400, "/inbox?page=2": 400, "/inbox?box=todo&box=done": 400,
		"/inbox?after=zzz": 422, "/search": 400, "/search?q=%20": 400, "/search?q=a&after=1": 400, "/channels?x=1": 400,
	} {
		if status, o := h.call("wang", "GET", "/api/v1"+q, nil); status != want {
			t.Errorf("%s: %d %v, want %d", q, status, o, want)
		}
	}
	if status, o := h.call("wang", "PATCH", "/api/v1/inbox", nil); status != 405 || o.at("error.code") != "method" {
		t.Errorf("PATCH: %d %v", status, o)
	}
}
