package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/review/term"
	"qingyang/seeds"
	"qingyang/seeds/library"
	"qingyang/seeds/staff"
	"qingyang/storage/blob"
	"qingyang/storage/db"
	"qingyang/storage/directory"
	"qingyang/ui/gate"
	"qingyang/ui/page"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/lexicon"
	"qingyang/workflow/render"
)

// house is the demo house behind its pages, without the jobs: a test runs those itself.
type house struct {
	t        *testing.T
	desk     *workflow.Desk
	db       *db.DB
	gate     *gate.Gate
	engine   *engine.Engine
	proofs   proofs
	log      bytes.Buffer
	lang     string
	sessions map[string]string // cookie by account
	tokens   map[string]string
	later    time.Duration // how long after the morning it is
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var morning = time.Date(2026, 9, 1, 1, 0, 0, 0, time.UTC)

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	h := &house{t: t, lang: "zh", sessions: map[string]string{}, tokens: map[string]string{}}
	l := slog.New(slog.NewJSONHandler(&h.log, nil))
	now := func() time.Time { return morning.Add(h.later) }
	h.db = must[*db.DB](t)(db.Open(ctx, db.Config{Path: filepath.Join(t.TempDir(), "q.db")}, l))
	t.Cleanup(func() { _ = h.db.Close() })
	dir := must[*directory.BuiltIn](t)(directory.Serve(ctx, staff.LDIF()))
	t.Cleanup(func() { _ = dir.Close() })
	who := people{must[*directory.Directory](t)(directory.New(dir.Config()))}
	key := must[ledger.Key](t)(ledger.NewKey(strings.NewReader(strings.Repeat("k", 64))))
	public := must[ledger.PublicKeys](t)(ledger.ParsePublicKeys(key.Public()))
	rules, err := library.Compile(morning)
	if err != nil {
		t.Fatal(err)
	}
	h.engine = engine.New(rules, pii.New(now))
	h.desk = must[*workflow.Desk](t)(workflow.NewDesk(ctx, workflow.Parts{
		Store: h.db, Scanner: h.engine, Blobs: must[*blob.Folder](t)(blob.OpenFolder(t.TempDir())),
		Renderer: render.Renderer{}, Signer: signer{key, public}, Directory: who, Door: door{}, Now: now,
		Lexicon: lexicon.New(h.engine, must[[]term.Library](t)(library.All()), now),
	}))
	h.furnish(ctx, who)
	pages := must[*page.Pages](t)(page.New(page.Deps{Desk: h.desk, Library: shelf{h.engine}, Proofs: &h.proofs, Now: now}))
	h.gate = gate.New(gate.Config{People: h.desk, Now: now, Log: l})
	h.gate.Mount(pages.Face(), pages.Routes()...)
	return h
}

func (h *house) furnish(ctx context.Context, dir workflow.Directory) {
	h.t.Helper()
	if err := h.desk.Configure(ctx, must[workflow.Setup](h.t)(seeds.DemoSetup())); err != nil {
		h.t.Fatal(err)
	}
	grants := map[string][]workflow.Grant{}
	for _, g := range must[[]staff.Grant](h.t)(staff.Roles()) {
		grants[g.Account] = append(grants[g.Account], workflow.Grant{Role: workflow.Role(g.Role), Scope: g.Scope})
	}
	for account, gs := range grants {
		if err := h.desk.Enrol(ctx, must[workflow.DirectoryEntry](h.t)(dir.Lookup(ctx, account)), gs); err != nil {
			h.t.Fatal(err)
		}
	}
}

// people gives the directory's answers in the Desk's terms.
type people struct{ *directory.Directory }

func (p people) SignIn(ctx context.Context, account, password string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.SignIn(ctx, account, password)
	if errors.Is(err, directory.ErrCredentials) {
		err = workflow.ErrCredentials
	}
	return workflow.DirectoryEntry(e), err
}

func (p people) Lookup(ctx context.Context, account string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.Lookup(ctx, account)
	return workflow.DirectoryEntry(e), err
}

type signer struct {
	key    ledger.Key
	public ledger.PublicKeys
}

func (s signer) Key() string                       { return s.key.ID }
func (s signer) Sign(msg []byte) (key, sig string) { return s.key.ID, s.key.Sign(msg) }

func (s signer) Verify(key string, msg []byte, sig string) bool {
	return s.public.Verify(key, msg, sig) == nil
}

// door lets text in by its name.
type door struct{}

// Whole takes every file that came in: cmd holds the real door to it.
func (door) Whole(context.Context, review.Upload) error { return nil }

func (door) Admit(name string, _ []byte) (string, error) {
	if !strings.HasSuffix(name, ".txt") {
		return "", &workflow.InvalidError{Too: "type", Reasons: []workflow.Reason{{Code: "file_type", Field: "file"}}}
	}
	return "text/plain", nil
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
	h.later += d
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

func (h *house) scan(path string) {
	h.t.Helper()
	it := h.item(path)
	err := h.desk.Scan(context.Background(), workflow.ScanJob{Item: it.ID, Revision: it.Revision, Round: it.Round})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) item(path string) workflow.Item {
	h.t.Helper()
	var id workflow.ItemID
	if _, err := fmt.Sscanf(path, "/items/%d", &id); err != nil {
		h.t.Fatal(err)
	}
	return must[*workflow.Case](h.t)(h.db.Case(context.Background(), id)).Item
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

// pack does what the pack job would, without a pack.
func (h *house) pack(path string) {
	h.t.Helper()
	it := h.item(path)
	err := h.db.InTx(context.Background(), func(tx workflow.Tx) error {
		_, err := tx.SetPack(context.Background(), it.ID, it.Digest, strings.Repeat("a", 64),
			ledger.Record{At: morning, Event: string(workflow.Archived), Result: ledger.Done})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
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
