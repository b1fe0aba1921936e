package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
)

// persons is a fake People: the token is the account, the CSRF token its double.
type persons map[string]workflow.Role

func (p persons) Actor(_ context.Context, token, address string) (workflow.Actor, workflow.Session, error) {
	if token == "down" {
		return workflow.Actor{}, workflow.Session{}, workflow.ErrUnavailable
	}
	r, ok := p[token]
	if !ok {
		return workflow.Actor{}, workflow.Session{}, workflow.ErrCredentials
	}
	a := workflow.Actor{Person: workflow.Person{ID: token}, Grants: []workflow.Grant{{Role: r}}, Address: address}
	return a, workflow.Session{Person: token, CSRF: token + token}, nil
}

// Refused implements People; what was refused is held against the log in cmd.
func (p persons) Refused(context.Context, workflow.Actor, workflow.Event, string) error { return nil }

var staff = persons{"wang": workflow.Drafter, "shen": workflow.Auditor}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newGate(t *testing.T, rs ...Route) (*Gate, *clock, *strings.Builder) {
	t.Helper()
	k := &clock{time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	var log strings.Builder
	g := New(Config{People: staff, Now: k.now, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	g.Mount(Face{Prefix: "/", Policy: DataPolicy, Draw: JSON}, rs...)
	return g, k, &log
}

// ask sends one request: body is "" or a content type, a blank and the content.
func ask(g http.Handler, method, path, who, body string, headers ...string) *httptest.ResponseRecorder {
	media, content, _ := strings.Cut(body, " ")
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(content))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: SessionCookie, Value: who})
		r.Header.Set(TokenHeader, who+who)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

func fault(t *testing.T, w *httptest.ResponseRecorder) Fault {
	t.Helper()
	var b struct{ Error Fault }
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		t.Fatalf("%q is no problem: %v", w.Body, err)
	}
	return b.Error
}

func ok(c *Call) error { return c.String(http.StatusOK, c.Actor.ID) }

// Mutant: let the zero Audience admit anybody.
func TestAudience(t *testing.T) {
	g, _, _ := newGate(t,
		Route{Method: "GET", Path: "/public", Audience: Public, Serve: ok},
		Route{Method: "GET", Path: "/staff", Audience: Staff, Serve: ok},
		Route{Method: "GET", Path: "/log", Audience: Roles(workflow.Auditor), Serve: ok},
		Route{Method: "GET", Path: "/nobody", Serve: ok},
		Route{Method: "GET", Path: "/empty", Audience: Roles(), Serve: ok},
	)
	type answer struct {
		status int
		body   string
	}
	for _, c := range []struct {
		path string
		want map[string]int
	}{
		{"/public", map[string]int{"": 200, "wang": 200, "shen": 200, "mallory": 200, "down": 200}},
		{"/staff", map[string]int{"": 401, "wang": 200, "shen": 200, "mallory": 401, "down": 503}},
		{"/log", map[string]int{"": 401, "wang": 404, "shen": 200, "mallory": 401, "down": 503}},
		{"/nobody", map[string]int{"": 404, "wang": 404, "shen": 404, "mallory": 404, "down": 404}},
		{"/empty", map[string]int{"": 404, "wang": 404, "shen": 404, "mallory": 404, "down": 404}},
		{"/unknown", map[string]int{"": 404, "wang": 404}},
	} {
		for who, status := range c.want {
			w := ask(g, "GET", c.path, who, "")
			got := answer{w.Code, ""}
			want := answer{status, ""}
			if w.Code == http.StatusOK {
				got.body, want.body = w.Body.String(), who
				if c.path == "/public" {
					want.body = ""
				}
			}
			if got != want {
				t.Errorf("%s as %q: %v, want %v", c.path, who, got, want)
			}
		}
	}
}

// The server answers what was mounted and nothing else. Mutant: add a route to echo past Mount.
func TestOnlyMountedRoutesAnswer(t *testing.T) {
	rs := []Route{{Method: "GET", Path: "/b/:id", Audience: Staff, Serve: ok}, {Method: "POST", Path: "/a", Audience: Public, Serve: ok}}
	g, _, _ := newGate(t, rs...)
	var got, want []string
	for _, r := range g.echo.Routes() {
		got = append(got, r.Method+" "+r.Path)
	}
	for _, r := range rs {
		want = append(want, r.Method+" "+r.Path)
		if r.Method == "GET" {
			want = append(want, "HEAD "+r.Path)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("server answers %v, mounted %v", got, want)
	}
}

// Mutants: skip ownPage; compare the token with ==""; forget Sec-Fetch-Site.
func TestWritesComeFromOwnPages(t *testing.T) {
	g, _, _ := newGate(t,
		Route{Method: "POST", Path: "/w", Audience: Staff, Serve: ok},
		Route{Method: "POST", Path: "/in", Audience: Public, Serve: ok},
	)
	for _, c := range []struct {
		name, path, body string
		headers          []string
		want             int
	}{
		{"token in the header", "/w", "", nil, 200},
		{"no token", "/w", "", []string{TokenHeader, ""}, 403},
		{"another's token", "/w", "", []string{TokenHeader, "shenshen"}, 403},
		{"token in a form", "/w", "application/x-www-form-urlencoded csrf=wangwang", []string{TokenHeader, ""}, 200},
		{"token in the query", "/w?csrf=wangwang", "", []string{TokenHeader, ""}, 403},
		{"own origin", "/w", "", []string{"Origin", "http://example.com"}, 200},
		{"other origin", "/w", "", []string{"Origin", "http://evil.example"}, 403},
		{"opaque origin", "/w", "", []string{"Origin", "null"}, 403},
		{"other port", "/w", "", []string{"Origin", "http://example.com:81"}, 403},
		{"other site", "/w", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"sibling site", "/w", "", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"signing in without token", "/in", "", []string{TokenHeader, ""}, 200},
		{"signing in from elsewhere", "/in", "", []string{"Origin", "http://evil.example"}, 403},
	} {
		if w := ask(g, "POST", c.path, "wang", c.body, c.headers...); w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
}

// Mutants: answer a wrapped error's text; leave the number out of the log.
func TestProblems(t *testing.T) {
	secret := errors.New("body of the item")
	var err error
	g, _, log := newGate(t, Route{Method: "GET", Path: "/p", Audience: Staff, Serve: func(*Call) error { return err }},
		Route{Method: "GET", Path: "/panic", Audience: Staff, Serve: func(*Call) error { panic(secret) }})
	role := []workflow.Reason{{Code: "opinion_missing", Field: "opinion"}}
	told := []Told{{"opinion_missing", "还没有填写意见，请填写 2 至 500 字的意见（写“同意”即可）", "opinion"}}
	for _, c := range []struct {
		err     error
		status  int
		code    string
		reasons []Told
		retry   string
	}{
		{&workflow.RefusedError{Denied: true, Reasons: role}, 403, "denied", told, ""},
		{&workflow.RefusedError{Reasons: role}, 422, "guard", told, ""},
		{&workflow.InvalidError{Reasons: role}, 422, "invalid", told, ""},
		{&workflow.InvalidError{Too: "large", Reasons: role}, 413, "too_large", told, ""},
		{&workflow.InvalidError{Too: "type", Reasons: role}, 415, "type", told, ""},
		{errors.Join(workflow.ErrIllegal, workflow.ErrMissing), 404, "missing", []Told{}, ""},
		{workflow.ErrIllegal, 409, "illegal", []Told{}, ""},
		{workflow.ErrStale, 409, "stale", []Told{}, ""},
		{workflow.ErrCredentials, 401, "unauthorized", []Told{}, ""},
		{workflow.ErrUnavailable, 503, "unavailable", []Told{}, "5"},
		{context.DeadlineExceeded, 503, "unavailable", []Told{}, "5"},
		{&http.MaxBytesError{}, 413, "too_large", []Told{}, ""},
		{secret, 500, "fault", []Told{}, ""},
	} {
		err = c.err
		log.Reset()
		w := ask(g, "GET", "/p", "wang", "")
		f := fault(t, w)
		if w.Code != c.status || f.Code != c.code || !slices.Equal(f.Reasons, c.reasons) || w.Header().Get("Retry-After") != c.retry {
			t.Errorf("%v: %d %+v", c.err, w.Code, f)
		}
		if len(f.Number) != 8 || !strings.Contains(log.String(), f.Number) || w.Header().Get("X-Request-Id") != f.Number {
			t.Errorf("%v: number %q is not in the log %s", c.err, f.Number, log)
		}
		if strings.Contains(w.Body.String(), secret.Error()) {
			t.Errorf("%v: the answer tells too much: %s", c.err, w.Body)
		}
	}
	log.Reset()
	w := ask(g, "GET", "/panic", "wang", "")
	if f := fault(t, w); w.Code != 500 || f.Code != "fault" || !strings.Contains(log.String(), "gate_test.go") {
		t.Errorf("panic: %d %+v, log %s", w.Code, f, log)
	}
}

// Mutants: count successes; hold back a signed-in write; never refill; one bucket for all lanes; turn away before looking.
func TestFlood(t *testing.T) {
	g, k, _ := newGate(t,
		Route{Method: "GET", Path: "/staff", Audience: Staff, Serve: ok},
		Route{Method: "GET", Path: "/public", Audience: Public, Serve: ok},
		Route{Method: "POST", Path: "/in", Audience: Public, Query: []string{"right"}, Serve: func(c *Call) error {
			if c.QueryParam("right") != "" {
				return ok(c)
			}
			return workflow.ErrCredentials
		}},
		Route{Method: "POST", Path: "/receipts", Audience: Public, Serve: func(*Call) error { return workflow.ErrCredentials }},
		Route{Method: "POST", Path: "/w", Audience: Staff, Serve: func(*Call) error { return workflow.ErrMissing }},
	)
	type try struct {
		method, path, who string
		want              int
	}
	for _, x := range []struct {
		flood try
		after []try
	}{
		{try{"GET", "/nothing", "", 404}, []try{{"GET", "/nothing", "", 429}, {"POST", "/in", "", 401}, {"GET", "/staff", "", 401}, {"GET", "/staff", "wang", 200}}},
		{try{"POST", "/in", "", 401}, []try{{"POST", "/in", "", 429}, {"POST", "/in?right=1", "", 200}, {"POST", "/receipts", "", 401}, {"GET", "/staff", "", 401}}},
		{try{"GET", "/staff", "mallory", 401}, []try{{"GET", "/staff", "mallory", 429}, {"GET", "/staff", "wang", 200}, {"GET", "/public", "", 200}, {"POST", "/w", "wang", 404}}},
		{try{"POST", "/w", "wang", 404}, []try{{"POST", "/w", "wang", 404}}},
	} {
		k.at = k.at.Add(time.Hour)
		f := x.flood
		for i := range burst {
			if w := ask(g, f.method, f.path, f.who, ""); w.Code != f.want {
				t.Fatalf("try %d: %d", i, w.Code)
			}
		}
		for _, c := range x.after {
			w := ask(g, c.method, c.path, c.who, "")
			if w.Code != c.want || (w.Header().Get("Retry-After") == "1") != (c.want == 429) {
				t.Errorf("after %v: %v got %d after %q", f, c, w.Code, w.Header().Get("Retry-After"))
			}
		}
		k.at = k.at.Add(time.Second)
		if w := ask(g, f.method, f.path, f.who, ""); w.Code != f.want {
			t.Errorf("a second later: %d, want %d", w.Code, f.want)
		}
	}
}

// HEAD answers as GET does, without the body. Mutants: GET alone; another handler for HEAD.
func TestHead(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "GET", Path: "/p", Audience: Staff, Serve: ok})
	srv := httptest.NewServer(g)
	defer srv.Close()
	for _, who := range []string{"wang", "mallory"} {
		var got [2]string
		for i, method := range []string{"GET", "HEAD"} {
			r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/p", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: SessionCookie, Value: who})
			w, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(w.Body)
			if err = errors.Join(err, w.Body.Close()); err != nil || (len(b) == 0) != (method == "HEAD") {
				t.Errorf("%s as %s: %q %v", method, who, b, err)
			}
			got[i] = fmt.Sprint(w.StatusCode, w.ContentLength, w.Header.Get("Content-Type"), w.Header.Get("Content-Security-Policy"))
		}
		if got[0] != got[1] {
			t.Errorf("as %s: GET %s, HEAD %s", who, got[0], got[1])
		}
	}
	srv.Client().CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
}

// Mutants: believe X-Forwarded-For of anybody; take its left end; go on over what is no address.
func TestCaller(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer string
		said []string
		want string
	}{
		{"10.0.0.1:9", nil, "10.0.0.1"},
		{"192.0.2.7:9", []string{"198.51.100.1"}, "192.0.2.7"},
		{"10.0.0.1:9", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:9", []string{"203.0.113.5, 198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:9", []string{"203.0.113.5", "198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"10.0.0.1:9", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:9", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"10.0.0.1:9", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"10.0.0.1:9", []string{"198.51.100.1:80, 10.0.0.2"}, "10.0.0.2"},
		{"[fd00::1]:9", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"[2001:db8::1]:9", []string{"198.51.100.1"}, "2001:db8::1"},
		{"[::ffff:10.0.0.1]:9", []string{"198.51.100.1"}, "198.51.100.1"},
		{"odd", []string{"198.51.100.1"}, "odd"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = c.peer
		for _, s := range c.said {
			r.Header.Add("X-Forwarded-For", s)
		}
		r.Header.Set("X-Real-Ip", "203.0.113.9")
		if got := caller(r, proxies); got != c.want {
			t.Errorf("%s says %q: %s, want %s", c.peer, c.said, got, c.want)
		}
	}
}

func TestFloodForgets(t *testing.T) {
	k := &clock{time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	f := newFlood(k.now)
	for i := range addresses + 1 {
		f.take(strings.Repeat("a", i%100) + time.Duration(i).String())
	}
	if n := len(f.left); n > addresses {
		t.Errorf("%d addresses remembered", n)
	}
}

func TestHeadersAndLanguage(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "GET", Path: "/s", Audience: Staff, Policy: "default-src 'self'", Serve: func(c *Call) error {
		return c.String(200, c.Words.Lang())
	}})
	w := ask(g, "GET", "/s", "wang", "")
	for k, v := range map[string]string{
		"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Referrer-Policy": "same-origin", "Strict-Transport-Security": "",
	} {
		if got := w.Header().Get(k); got != v {
			t.Errorf("%s: %q, want %q", k, got, v)
		}
	}
	for accept, want := range map[string]string{"": "zh", "en-US,en;q=0.9": "zh", "fr": "zh"} {
		if got := ask(g, "GET", "/s", "wang", "", "Accept-Language", accept).Body.String(); got != want {
			t.Errorf("%q speaks %s, want %s", accept, got, want)
		}
	}
	if got := ask(g, "GET", "/s", "wang", "", "Cookie", SessionCookie+"=wang; "+LangCookie+"=en").Body.String(); got != "en" {
		t.Errorf("cookie speaks %s", got)
	}
}

func TestCookies(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "GET", Path: "/s", Audience: Public, Serve: func(c *Call) error {
		c.Begin(workflow.Entrance{Token: "tok", Marks: "known"})
		c.Speak("en")
		return c.NoContent(204)
	}}, Route{Method: "GET", Path: "/staff", Audience: Staff, Serve: ok})
	got := strings.Join(ask(g, "GET", "/s", "", "").Header().Values("Set-Cookie"), "\n")
	want := "qingyang_session=tok; Path=/; HttpOnly; SameSite=Strict\nqingyang_known=known; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict\nqingyang_lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "https://example.com/s", nil)
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	if !strings.Contains(w.Header().Get("Set-Cookie"), "; Secure") || w.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("over TLS: %v", w.Header())
	}
	if got := ask(g, "GET", "/staff", "mallory", "").Header().Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("a dead session keeps its cookie: %q", got)
	}
}

func TestBodyLimit(t *testing.T) {
	g, _, _ := newGate(t, Route{Method: "POST", Path: "/w", Audience: Staff, Limit: 10, Serve: func(c *Call) error {
		_, err := io.ReadAll(c.Request().Body)
		return err
	}})
	if w := ask(g, "POST", "/w", "wang", "text/plain 0123456789a"); w.Code != 413 || fault(t, w).Code != "too_large" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
