package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"qingyang/storage/db"
	"qingyang/ui/api"
	"qingyang/ui/gate"
	"qingyang/ui/housetest"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// house is the demo house behind its API.
type house struct {
	*housetest.House
	t        *testing.T
	desk     *workflow.Desk
	db       *db.DB
	api      *api.API
	gate     *gate.Gate
	sessions map[string]session
}

type session struct{ cookie, csrf string }

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return housetest.Must[T](t)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{House: housetest.Open(t, time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)), t: t, sessions: map[string]session{}}
	h.desk, h.db = h.Desk, h.DB
	h.api = &api.API{Desk: h.desk, Log: h, Form: forms{h.desk}, Terms: terms{}}
	h.gate = h.Gate(h.api.Face(), h.api.Routes())
	return h
}

// forms is a form that shows the title only.
type forms struct{ desk *workflow.Desk }

func (f forms) Form(c *gate.Call, id workflow.ItemID) ([]byte, error) {
	v, err := f.desk.View(c.Request().Context(), c.Actor, id)
	if err != nil {
		return nil, err
	}
	return []byte("<h1>" + v.Revision.Content.Title + "</h1>"), nil
}

// Letter is the same with the kind before it; there is no takedown.
func (f forms) Letter(c *gate.Call, id workflow.ItemID, kind string) ([]byte, error) {
	if kind == "takedown" {
		return nil, workflow.ErrMissing
	}
	b, err := f.Form(c, id)
	return append([]byte(kind), b...), err
}

type terms struct{}

func (terms) Terms(_ context.Context, after string, limit int) ([]api.Term, string, error) {
	return []api.Term{{Library: "test", Text: fmt.Sprintf("%s %d", after, limit)}}, "more", nil
}

func (h *house) Checkpoint(context.Context) ([]byte, error) { return os.ReadFile(h.Seq.Path) }

func (h *house) ProveRecord(ctx context.Context, size, seq int64) ([]byte, ledger.Proof, error) {
	return h.db.ProveRecord(ctx, size, seq)
}

// object is a decoded JSON answer.
type object map[string]any

func (o object) at(path string) any {
	var v any = map[string]any(o)
	for k := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// send makes one request as a person, who is signed in if that is needed; "" is nobody.
func (h *house) send(who, method, path, media string, body io.Reader) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, body)
	r.RemoteAddr = "127.0.0.1:5000"
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if who != "" {
		s := h.session(who)
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: s.cookie})
		r.Header.Set(gate.TokenHeader, s.csrf)
	}
	w := httptest.NewRecorder()
	h.gate.ServeHTTP(w, r)
	return w
}

func (h *house) session(who string) session {
	h.t.Helper()
	if s, ok := h.sessions[who]; ok {
		return s
	}
	w := h.send("", "POST", "/api/v1/session", "application/json",
		strings.NewReader(`{"username":"`+who+`","password":"Qingyang-demo-1"}`))
	var in struct{ CSRF string }
	if err := json.Unmarshal(w.Body.Bytes(), &in); err != nil || w.Code != 200 {
		h.t.Fatalf("%s can't sign in: %d %s", who, w.Code, w.Body)
	}
	s := session{w.Result().Cookies()[0].Value, in.CSRF}
	h.sessions[who] = s
	return s
}

// call sends body as JSON, a string as it stands, and returns what came.
func (h *house) call(who, method, path string, body any) (int, object) {
	h.t.Helper()
	var r io.Reader
	media := ""
	switch b := body.(type) {
	case nil:
	case string:
		r, media = strings.NewReader(b), "application/json"
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		r, media = bytes.NewReader(raw), "application/json"
	}
	w := h.send(who, method, path, media, r)
	var o object
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil {
			h.t.Fatalf("%s %s answers no JSON: %s", method, path, w.Body)
		}
	}
	return w.Code, o
}

// upload sends a file as a form.
func (h *house) upload(who, path, version, name, content string) (int, object) {
	h.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f := must[io.Writer](h.t)(m.CreateFormFile("file", name))
	_, _ = io.WriteString(f, content)
	if version != "" {
		_ = m.WriteField("version", version)
	}
	_ = m.Close()
	w := h.send(who, "POST", path, m.FormDataContentType(), &b)
	var o object
	if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil {
		h.t.Fatalf("upload answers no JSON: %s", w.Body)
	}
	return w.Code, o
}

// draft is a whole good notice.
func draft() object {
	return object{
		"title": "国庆节放假通知", "body_html": "<p>本中心10月1日至7日放假，8日起正常办公。</p>", "summary": "放假安排", "source": "本单位制发",
		"disclosure": object{"kind": "active"},
		"channels":   []object{{"id": "portal"}, {"id": "led", "text": "国庆节放假，10月8日起办公"}},
		"self_check": object{"no_secret": true, "no_sensitive": true, "privacy_masked": true, "third_party": true, "accurate": true},
	}
}

// put returns o with a key set, or left out where value is nil.
func (o object) put(key string, value any) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	c[key] = value
	if value == nil {
		delete(c, key)
	}
	return c
}

// create makes an item of wang's and returns its path and JSON.
func (h *house) create() (string, object) {
	h.t.Helper()
	status, o := h.call("wang", "POST", "/api/v1/items", draft())
	if status != 201 {
		h.t.Fatalf("create: %d %v", status, o)
	}
	return fmt.Sprintf("/api/v1/items/%v", o["id"]), o
}

// move makes a move on the item as who sees it now.
func (h *house) move(who, path, event string, more object) (int, object) {
	h.t.Helper()
	status, o := h.call(who, "GET", path, nil)
	if status != 200 {
		return status, o
	}
	in := object{"event": event, "version": o["version"], "digest": o["digest"]}
	for k, v := range more {
		in[k] = v
	}
	return h.call(who, "POST", path+"/moves", in)
}

// scan does what the scan job would.
func (h *house) scan(o object) { h.Scan(workflow.ItemID(o["id"].(float64))) }

// pack does what the pack job would.
func (h *house) pack(o object) { h.Pack(workflow.ItemID(o["id"].(float64))) }
