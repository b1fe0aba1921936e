package page_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/seeds/staff"
	"qingyang/storage/db"
	"qingyang/ui/gate"
	"qingyang/ui/housetest"
	"qingyang/ui/page"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// house is the demo house behind its pages.
type house struct {
	*housetest.House
	t        *testing.T
	desk     *workflow.Desk
	db       *db.DB
	gate     *gate.Gate
	proofs   proofs
	lang     string
	sessions map[string]string // cookie by account
	tokens   map[string]string
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return housetest.Must[T](t)
}

var morning = time.Date(2026, 9, 1, 1, 0, 0, 0, time.UTC)

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{House: housetest.Open(t, morning), t: t, lang: "zh", sessions: map[string]string{}, tokens: map[string]string{}}
	h.desk, h.db = h.Desk, h.DB
	pages := must[*page.Pages](t)(page.New(page.Deps{Desk: h.desk, Library: shelf{h.Engine}, Proofs: &h.proofs, Now: h.Now}))
	h.gate = h.Gate(pages.Face(), pages.Routes())
	return h
}

// send makes one request as a person, who is signed in if that is needed; "" is nobody.
func (h *house) send(who, method, path, media string, body io.Reader) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, body)
	r.RemoteAddr = "127.0.0.1:5000"
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	r.AddCookie(&http.Cookie{Name: gate.LangCookie, Value: h.lang})
	if who != "" {
		h.signIn(who)
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: h.sessions[who]})
	}
	w := httptest.NewRecorder()
	h.gate.ServeHTTP(w, r)
	return w
}

// wait lets time pass; sessions end meanwhile.
func (h *house) wait(d time.Duration) {
	h.Later += d
	clear(h.sessions)
}

const formMedia = "application/x-www-form-urlencoded"

func (h *house) signIn(who string) {
	h.t.Helper()
	if h.sessions[who] != "" {
		return
	}
	w := h.send("", "POST", "/login", formMedia, strings.NewReader(url.Values{"account": {who}, "password": {staff.Password}}.Encode()))
	if w.Code != http.StatusSeeOther {
		h.t.Fatalf("%s can't sign in: %d", who, w.Code)
	}
	for _, k := range w.Result().Cookies() {
		if k.Name == gate.SessionCookie {
			h.sessions[who] = k.Value
		}
	}
	h.tokens[who] = field(h.get(who, "/me").Body.String(), "csrf")
}

func (h *house) get(who, path string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.send(who, "GET", path, "", nil)
}

// post sends a form with the person's token.
func (h *house) post(who, path string, v url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	h.signIn(who)
	c := url.Values{"csrf": {h.tokens[who]}}
	for k, vs := range v {
		c[k] = vs
	}
	return h.send(who, "POST", path, formMedia, strings.NewReader(c.Encode()))
}

// field returns the value of the first hidden field of that name.
func field(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// notice is a good draft as the form sends it.
func notice() url.Values {
	return url.Values{
		"title": {"国庆节放假通知"}, "body_html": {"<p>本中心10月1日至7日放假，8日起正常办公。</p>"}, "summary": {"放假安排"},
		"disclosure": {"active"}, "column": {"notice"}, "class": {"ordinary"}, "urgency": {"normal"},
		"channel": {"portal", "led"}, "text.led": {"国庆节放假，10月8日起办公"},
		"self_check": {"no_secret", "no_sensitive", "privacy_masked", "third_party", "accurate"}, "do": {"save"},
	}
}

// create makes an item of wang's and returns its path.
func (h *house) create(v url.Values) string {
	h.t.Helper()
	w := h.post("wang", "/items", v)
	if w.Code != http.StatusSeeOther {
		h.t.Fatalf("create: %d %s", w.Code, w.Body)
	}
	return regexp.MustCompile(`^/items/\d+`).FindString(w.Header().Get("Location"))
}

// submitted makes an item, submits it and scans it.
func (h *house) submitted(v url.Values) string {
	h.t.Helper()
	v.Set("do", "submit")
	path := h.create(v)
	h.scan(path)
	return path
}

func (h *house) scan(path string) { h.Scan(h.id(path)) }

func (h *house) item(path string) workflow.Item { return h.Item(h.id(path)) }

// pack does what the pack job would.
func (h *house) pack(path string) { h.Pack(h.id(path)) }

func (h *house) id(path string) (id workflow.ItemID) {
	h.t.Helper()
	if _, err := fmt.Sscanf(path, "/items/%d", &id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// move fills in the form that the person sees and sends it.
func (h *house) move(who, path string, v url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	body := h.get(who, path).Body.String()
	for _, k := range []string{"version", "digest", "seen"} {
		if v.Get(k) == "" {
			v.Set(k, field(body, k))
		}
	}
	return h.post(who, path+"/moves", v)
}

// pass moves an item through the steps given and fails the test if one is refused.
func (h *house) pass(path string, steps ...[2]string) {
	h.t.Helper()
	for _, s := range steps {
		w := h.move(s[0], path, url.Values{"event": {s[1]}, "opinion": {"同意。"}})
		if w.Code != http.StatusSeeOther {
			h.t.Fatalf("%s by %s: %d %s", s[1], s[0], w.Code, text(w.Body.String()))
		}
	}
}

func (h *house) upload(who, path, version, name, content string) *httptest.ResponseRecorder {
	h.t.Helper()
	h.signIn(who)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("csrf", h.tokens[who])
	_ = m.WriteField("version", version)
	f := must[io.Writer](h.t)(m.CreateFormFile("file", name))
	_, _ = io.WriteString(f, content)
	_ = m.Close()
	return h.send(who, "POST", path, m.FormDataContentType(), &b)
}

// text is a page without its tags, for messages and for looking for words.
func text(body string) string {
	s := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")
	return strings.Join(strings.Fields(s), " ")
}

// proofs is a log whose newest checkpoint a test sets; nil is a log without one.
// err is what the log answers while it is broken.
type proofs struct {
	newest *ledger.Checkpoint
	err    error
}

func (p *proofs) Newest(context.Context) (ledger.Checkpoint, error) {
	if p.err != nil {
		return ledger.Checkpoint{}, p.err
	}
	if p.newest == nil {
		return ledger.Checkpoint{}, workflow.ErrMissing
	}
	return *p.newest, nil
}

// shelf is a library of one term over the engine's real rules.
type shelf struct{ *engine.Engine }

func (shelf) Installed(context.Context) ([]page.Shelf, string, error) {
	return []page.Shelf{{Name: "gambling", Version: "1", SHA: strings.Repeat("ab", 32), Terms: 1, Categories: []string{"gambling"}}}, "sum", nil
}

func (shelf) Search(_ context.Context, text, category string, _ int) ([]page.Term, error) {
	if text != "57365" && text != "" || category != "" && category != "gambling" {
		return nil, nil
	}
	return []page.Term{{Library: "gambling", Version: "1", Text: "57365", Category: "gambling", Level: review.Block, AutoReturn: true}}, nil
}

func (s shelf) Try(ctx context.Context, text string) (review.Report, error) {
	return s.Scan(ctx, review.Document{Digest: "try", Parts: []review.Part{{Name: "body", Text: text}}})
}
