package gate

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

type note struct {
	Title    string     `json:"title"`
	Version  *int64     `json:"version"`
	Channels []place    `json:"channels"`
	From     *time.Time `json:"from"`
	Check    struct {
		Good bool `json:"good"`
	} `json:"check"`
}

type place struct {
	ID   string     `json:"id"`
	From *time.Time `json:"from"`
}

// Mutants: drop RejectUnknownMembers; use encoding/json, which takes doubled keys and Title for title.
func TestRead(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "POST", Path: "/w", Audience: Staff, Serve: func(c *Call) error {
		var n note
		if err := c.Read(&n); err != nil {
			return err
		}
		return c.NoContent(204)
	}})
	for _, c := range []struct {
		body, media string
		status      int
		code        string
		reason      string
		field       string
	}{
		{`{"title":"x","version":1,"channels":[{"id":"led","from":"2026-09-01T08:00:00+08:00"}],"check":{"good":true}}`, "", 204, "", "", ""},
		{`{"titel":"x"}`, "", 400, "unknown_key", "unknown_key", "titel"},
		{`{"Title":"x"}`, "", 400, "unknown_key", "unknown_key", "Title"},
		{`{"channels":[{"id":"led","colour":1}]}`, "", 400, "unknown_key", "unknown_key", "channels[0].colour"},
		{`{"title":"x","title":"y"}`, "", 400, "unknown_key", "doubled_key", "title"},
		{`{"check":{"good":true,"good":true}}`, "", 400, "unknown_key", "doubled_key", "check.good"},
		{`{"title":5}`, "", 400, "malformed", "wrong_type", "title"},
		{`{"version":"1"}`, "", 400, "malformed", "wrong_type", "version"},
		{`{"version":1.5}`, "", 400, "malformed", "wrong_type", "version"},
		{`{"check":{"good":"yes"}}`, "", 400, "malformed", "wrong_type", "check.good"},
		{`{"channels":[{"from":"tomorrow"}]}`, "", 400, "malformed", "wrong_type", "channels[0].from"},
		{`{"channels":{}}`, "", 400, "malformed", "wrong_type", "channels"},
		{`[]`, "", 400, "malformed", "wrong_type", ""},
		{`{"title":"x"} {}`, "", 400, "malformed", "syntax", ""},
		{`{"title":`, "", 400, "malformed", "syntax", "title"},
		{``, "", 400, "malformed", "syntax", ""},
		{"{\"title\":\"\xff\"}", "", 400, "malformed", "not_utf8", ""},
		{`{"title":"\u0000"}`, "", 400, "malformed", "not_utf8", "title"},
		{`{"title":"\\u0000"}`, "", 204, "", "", ""},
		{`{"title":"x"}`, "text/plain", 415, "type", "", ""},
		{`title=x`, "application/x-www-form-urlencoded", 415, "type", "", ""},
	} {
		media := c.media
		if media == "" {
			media = "application/json;charset=utf-8"
		}
		w := ask(g, "POST", "/w", "wang", media+" "+c.body)
		if w.Code != c.status {
			t.Errorf("%s: %d %s, want %d", c.body, w.Code, w.Body, c.status)
		}
		if w.Code == 204 {
			continue
		}
		f := fault(t, w)
		reason, field := "", ""
		if len(f.Reasons) > 0 {
			reason, field = f.Reasons[0].Code, f.Reasons[0].Field
		}
		if f.Code != c.code || reason != c.reason || field != c.field {
			t.Errorf("%s: %+v, want %s %s %s", c.body, f, c.code, c.reason, c.field)
		}
	}
}

// Mutant: take the last of doubled keys.
func TestQueryAndForm(t *testing.T) {
	form := Route{Method: "POST", Path: "/f", Audience: Staff, Serve: func(c *Call) error {
		vs, err := c.Form("title", "channel+", "text.*")
		if err != nil {
			return err
		}
		vs.Del(TokenField)
		return c.String(200, vs.Encode())
	}}
	g, _, _ := newGate(t, form, Route{Method: "GET", Path: "/q", Audience: Staff, Query: []string{"after", "limit"}, Serve: func(c *Call) error {
		_, err := c.Limit(50)
		return err
	}})
	for _, c := range []struct {
		method, path, body string
		want               int
		code, field        string
	}{
		{"GET", "/q?after=1&limit=200", "", 200, "", ""},
		{"GET", "/q?limit=201", "", 400, "malformed", "limit"},
		{"GET", "/q?limit=0", "", 400, "malformed", "limit"},
		{"GET", "/q?limit=ten", "", 400, "malformed", "limit"},
		{"GET", "/q?page=1", "", 400, "unknown_key", "page"},
		{"GET", "/q?after=1&after=2", "", 400, "unknown_key", "after"},
		{"GET", "/q?after=%ff", "", 400, "malformed", "after"},
		{"GET", "/q?after=%00", "", 400, "malformed", "after"},
		{"GET", "/q?after=%zz", "", 400, "malformed", ""},
		{"POST", "/f", "csrf=wangwang&title=x&channel=a&channel=b&text.led=y", 200, "", ""},
		{"POST", "/f", "title=x&title=y", 400, "unknown_key", "title"},
		{"POST", "/f", "titel=x", 400, "unknown_key", "titel"},
		{"POST", "/f", "text.led=x&text.led=y", 400, "unknown_key", "text.led"},
		{"POST", "/f?title=x", "", 400, "unknown_key", "title"},
	} {
		body := c.body
		if c.method == "POST" {
			body = "application/x-www-form-urlencoded " + body
		}
		w := ask(g, c.method, c.path, "wang", body)
		if w.Code != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.path, c.body, w.Code, w.Body, c.want)
			continue
		}
		if w.Code != 200 {
			if f := fault(t, w); f.Code != c.code || f.Reasons[0].Field != c.field {
				t.Errorf("%s %s: %+v", c.path, c.body, f)
			}
		}
	}
}

func TestUpload(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "POST", Path: "/u", Audience: Staff, Serve: func(c *Call) error {
		f, vs, done, err := c.Upload("version")
		if err != nil {
			return err
		}
		defer done()
		if f == nil {
			return Invalid("missing", "file")
		}
		return c.String(200, f.Filename+" "+vs.Get("version"))
	}})
	part := func(head, body string) string {
		return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n"
	}
	file, version := part(`name="file"; filename="a.txt"`, "x"), part(`name="version"`, "3")
	for _, c := range []struct {
		name, body string
		want       int
		text       string
	}{
		{"file and version", file + version, 200, "a.txt 3"},
		{"no file", version, 422, ""},
		{"two files", file + file + version, 400, ""},
		{"another name", part(`name="doc"; filename="a.txt"`, "x"), 400, ""},
		{"another field", file + part(`name="v"`, "3"), 400, ""},
		{"two versions", file + version + version, 400, ""},
	} {
		w := ask(g, "POST", "/u", "wang", "multipart/form-data;boundary=b "+c.body+"--b--\r\n")
		if w.Code != c.want || c.text != "" && w.Body.String() != c.text {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
	if w := ask(g, "POST", "/u", "wang", "multipart/form-data;boundary=b --b\r\nbroken"); w.Code != 400 {
		t.Errorf("broken form: %d %s", w.Code, w.Body)
	}
	if w := ask(g, "POST", "/u", "wang", "application/json {}"); w.Code != 415 {
		t.Errorf("no form: %d %s", w.Code, w.Body)
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("after=1&limit=2")
	f.Add("%ff=1;&&")
	f.Fuzz(func(t *testing.T, s string) {
		vs, err := url.ParseQuery(s)
		if err != nil || check(vs, []string{"after", "limit"}) != nil {
			return
		}
		for k, v := range vs {
			if k != "after" && k != "limit" || len(v) != 1 || !utf8.ValidString(v[0]) || strings.ContainsRune(v[0], 0) {
				t.Errorf("%q let %q=%q through", s, k, v)
			}
		}
	})
}

func TestDotted(t *testing.T) {
	got := []string{dotted("/channels/0/from"), dotted(jsontext.Pointer("")), dotted("/a~1b/c")}
	if want := []string{"channels[0].from", "", "a/b.c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What Read takes, another decoder understands alike.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"title":"x","version":1}`, `{"title":"x","title":"y"}`, `{"from":"2026-09-01T08:00:00+08:00"}`, `{"channels":[{"id":"\\u0000"}]}`, `null`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := httptest.NewRequestWithContext(context.Background(), "POST", "/", strings.NewReader(s))
		r.Header.Set("Content-Type", "application/json")
		c := &Call{Context: echo.New().NewContext(r, httptest.NewRecorder())}
		var got, want note
		if c.Read(&got) != nil {
			return
		}
		if err := json.Unmarshal([]byte(s), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q read as %+v, elsewhere as %+v (%v)", s, got, want, err)
		}
	})
}
