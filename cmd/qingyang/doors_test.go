package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qingyang/seeds"
	"qingyang/seeds/staff"
	"qingyang/workflow"
)

// Every text of an item carries a canary of that item: zq7x, its number, and tx for what the author wrote, op for opinions
// and reasons. The fruit beside it is what strangers search for.
const fruit = "石榴"

var canary = regexp.MustCompile(`zq7x(\d\d)(tx|op)`)

// planted is an item with canaries and who may know of it.
type planted struct {
	item
	n       int
	state   workflow.State
	parties []string
	files   []string
	shas    []string
}

func (p *planted) text(kind string) string { return fmt.Sprintf("%szq7x%02d%s", fruit, p.n, kind) }

func (p *planted) knows(who string) bool { return slices.Contains(p.parties, who) }

// public are the states in which the public sees what the author wrote.
func (p *planted) public() bool { return p.state == workflow.Published }

// act is one step of a story, with what it costs the item in secrecy: who comes to know of it.
type act struct {
	who string
	e   workflow.Event
}

var (
	unit      = []string{"wang", "xu", "chen"}
	reviewers = append(slices.Clone(unit), "zhao", "qian")
	leaders   = append(slices.Clone(reviewers), "sun", "li", "feng")
	everybody = append(slices.Clone(leaders), "wu", "zheng", "tian")
	officers  = []string{"bai", "he"}

	toUnit      = []act{{"wang", workflow.Submit}}
	toReview    = append(slices.Clone(toUnit), act{"chen", workflow.UnitPass})
	toLeader    = append(slices.Clone(toReview), act{"zhao", workflow.SecrecyPass})
	toDesk      = append(slices.Clone(toLeader), act{"sun", workflow.LeaderApprove})
	toRegister  = append(slices.Clone(toDesk), act{"wu", workflow.Register})
	toPublic    = append(slices.Clone(toRegister), act{"wu", workflow.Publish})
	toDark      = append(slices.Clone(toPublic), act{"li", workflow.Suspend})
	plantations = []struct {
		state   workflow.State
		story   []act
		parties []string
		class   string
		marking string
		until   time.Duration
	}{
		{state: workflow.Draft, parties: unit},
		{state: workflow.UnitCheck, story: toUnit, parties: unit},
		{state: workflow.Returned, story: append(slices.Clone(toUnit), act{"chen", workflow.Return}), parties: unit},
		{state: workflow.Cancelled, story: append(slices.Clone(toUnit), act{"wang", workflow.Cancel}), parties: unit},
		{state: workflow.SecrecyReview, story: toReview, parties: reviewers},
		{state: workflow.Rejected, story: append(slices.Clone(toReview), act{"zhao", workflow.SecrecyReject}), parties: reviewers},
		{state: workflow.LeaderApproval, story: toLeader, parties: leaders},
		{state: workflow.Denied, story: append(slices.Clone(toLeader), act{"sun", workflow.Deny}), parties: leaders},
		{state: workflow.ChiefApproval, story: toDesk, parties: leaders, class: "important"},
		{state: workflow.Approved, story: toDesk, parties: everybody},
		{state: workflow.Registered, story: toRegister, parties: everybody},
		{state: workflow.Published, story: toPublic, parties: everybody},
		{state: workflow.Suspended, story: toDark, parties: everybody},
		{state: workflow.Withdrawn, story: append(slices.Clone(toDark), act{"feng", workflow.ConfirmTakedown}), parties: everybody},
		{state: workflow.Expired, story: toPublic, parties: everybody, until: 6 * time.Second},
		{state: workflow.Sealed, story: toUnit, parties: officers, marking: "机密★10年"},
		{state: workflow.Sealed, story: append(slices.Clone(toPublic), act{"qian", workflow.Seal}), parties: officers},
	}
)

// walker is one person, or nobody, who tries every door. It changes its address before the gate would turn it away for
// knocking too often: what is asked here is what lies behind the doors.
type walker struct {
	who   string
	url   string
	csrf  string
	jar   http.CookieJar
	http  *http.Client
	tries int
}

var lastAddress atomic.Int32

func (w *walker) move() {
	n := lastAddress.Add(1)
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}}
	w.http = &http.Client{Jar: w.jar, Timeout: 60 * time.Second, Transport: &http.Transport{DialContext: d.DialContext}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

func (w *walker) ask(method, path string, form url.Values, screenKey string) (int, string, error) {
	if w.tries%120 == 0 {
		w.move()
	}
	w.tries++
	var body io.Reader
	if form != nil {
		form.Set("csrf", w.csrf)
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, w.url+path, body)
	if err != nil {
		return 0, "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Screen-Key", screenKey)
	a, err := w.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return a.StatusCode, fmt.Sprint(a.Header) + string(b), err
}

// grounds is the house with its planted items.
type grounds struct {
	t     *testing.T
	url   string
	staff map[string]*client
	items []*planted
}

// TestDoors is invariant 8: nobody but its parties learns of an item, by no page and no call, by no list, search, error,
// log line or checkpoint; what one may not see answers like what does not exist. Mutants: one query without the audience, one
// handler that opens a case past Desk, text in a log attribute, an index that keeps what was sealed.
func TestDoors(t *testing.T) {
	if testing.Short() {
		t.Skip("short: thousands of requests")
	}
	dir := furnished(t)
	p := start(t, dir)
	g := &grounds{t: t, url: p.url, staff: map[string]*client{}}
	grants, err := staff.Roles()
	if err != nil {
		t.Fatal(err)
	}
	walkers := []*walker{{url: p.url}}
	for _, gr := range grants {
		if g.staff[gr.Account] == nil {
			c := signIn(t, p.url, gr.Account)
			g.staff[gr.Account] = c
			walkers = append(walkers, &walker{who: gr.Account, url: p.url, csrf: c.csrf, jar: c.http.Jar})
		}
	}
	g.plant()
	g.control()
	var asked atomic.Int64
	var wg sync.WaitGroup
	for _, w := range walkers {
		if w.jar == nil {
			if w.jar, err = cookiejar.New(nil); err != nil {
				t.Fatal(err)
			}
		}
		wg.Go(func() {
			g.walk(w)
			asked.Add(int64(w.tries))
		})
	}
	wg.Wait()
	p.kill()
	g.silent("the program's log", p.log.String())
	for _, name := range []string{"checkpoint.txt"} {
		b, err := os.ReadFile(filepath.Join(dir, "keys", name))
		if err != nil {
			t.Error(err)
		}
		g.silent(name, string(b))
	}
	var out, bad bytes.Buffer
	if code := run(t.Context(), []string{"ledger", "export"}, terminal{environment("QINGYANG_DATA", dir), nil, &out, &bad}); code != exitDone {
		t.Errorf("ledger export: %d %s", code, bad.String())
	}
	g.silent("the exported log", out.String())
	t.Logf("%d requests by %d people, %d items", asked.Load(), len(walkers), len(g.items))
}

// silent fails for any canary at all.
func (g *grounds) silent(where, s string) {
	g.t.Helper()
	if hits := canary.FindAllString(s, -1); hits != nil {
		g.t.Errorf("%s has %d canaries, first %s in …%s", where, len(hits), hits[0], around(s, hits[0]))
	}
}

func around(s, at string) string {
	i := strings.Index(s, at)
	return strings.ToValidUTF8(s[max(0, i-200):min(len(s), i+100)], "")
}

func (g *grounds) plant() {
	for n, x := range plantations {
		p := &planted{n: n, state: x.state, parties: x.parties}
		g.items = append(g.items, p)
		if x.until != 0 {
			continue // its window would end before the others are there
		}
		g.grow(p, x.story, x.class, x.marking, 0)
	}
	for n, x := range plantations {
		if x.until != 0 {
			g.grow(g.items[n], x.story, x.class, x.marking, x.until)
		}
	}
	for _, p := range g.items {
		g.settle(p)
	}
}

func (g *grounds) grow(p *planted, story []act, class, marking string, until time.Duration) {
	g.t.Helper()
	wang, tx := g.staff["wang"], p.text("tx")
	form := notice("标题"+tx, "portal", "led")
	form["body_html"], form["summary"], form["source"], form["letter_no"] = "<p>正文"+tx+"</p>", "摘要"+tx, "来源"+tx, "文号"+tx
	if class != "" {
		form["class"] = class
	}
	channels := []map[string]string{{"id": "portal"}, {"id": "led", "text": "屏幕" + tx}}
	if until != 0 {
		end := time.Now().Add(until).Format(time.RFC3339)
		channels[0]["until"], channels[1]["until"] = end, end
	}
	form["channels"] = channels
	if err := wang.call("POST", "/api/v1/items", form, &p.item); err != nil {
		g.t.Fatal(err)
	}
	fs, err := seeds.Sample{Attachments: []seeds.Attachment{{Name: "附件" + tx + ".docx", Header: marking, Paragraphs: []string{"附件正文" + tx}}}}.Files()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := wang.attachFile(p.ID, p.Version, fs[0].Name, fs[0].Bytes); err != nil {
		g.t.Fatal(err)
	}
	var seen struct {
		Attachments []workflow.Attachment
		Renditions  []workflow.Rendition
		Number      string
	}
	for i, a := range story {
		g.act(p, a)
		if number := g.look(p, &seen); i < 2 || number != "" {
			p.Number = number
		}
	}
	g.look(p, &seen)
	for _, a := range seen.Attachments {
		p.files, p.shas = append(p.files, a.ID), append(p.shas, a.SHA256)
	}
	for _, r := range seen.Renditions {
		p.shas = append(p.shas, r.SHA256)
	}
}

// look reads the item as its author, as long as the author may.
func (g *grounds) look(p *planted, into *struct {
	Attachments []workflow.Attachment
	Renditions  []workflow.Rendition
	Number      string
},
) string {
	if err := g.staff["wang"].call("GET", fmt.Sprint("/api/v1/items/", p.ID), nil, into); err != nil {
		return p.Number
	}
	return into.Number
}

// act makes one step with canaries in everything that may be written.
func (g *grounds) act(p *planted, a act) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 60*time.Second)
	defer cancel()
	it, err := g.staff[a.who].ready(ctx, p.ID, a.e)
	if err != nil {
		g.t.Fatal(err)
	}
	move := map[string]any{"event": a.e, "version": it.Version, "digest": it.Digest, "opinion": "意见" + p.text("op"), "reason": "理由" + p.text("op"), "reason_code": "other"}
	if err := g.staff[a.who].call("POST", fmt.Sprintf("/api/v1/items/%d/moves", p.ID), move, nil); err != nil && !g.nothingLeft(err, a) {
		g.t.Fatalf("%s by %s: %v", a.e, a.who, err)
	}
}

// nothingLeft: who seals an item can't see the answer any more.
func (g *grounds) nothingLeft(err error, a act) bool {
	var ae *apiError
	return a.e == workflow.Seal && errors.As(err, &ae) && ae.status == http.StatusNotFound
}

// settle waits until the item is where its story ends.
func (g *grounds) settle(p *planted) {
	g.t.Helper()
	who := p.parties[0]
	for end := time.Now().Add(90 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		it, err := g.staff[who].item(p.ID)
		if err == nil && it.State == p.state {
			return
		}
		if time.Now().After(end) {
			g.t.Fatalf("item %d is %s, want %s: %v", p.n, it.State, p.state, err)
		}
	}
}

// control: the canaries are there to be found, by a party, on the page, in the call, on the form, and by search.
func (g *grounds) control() {
	g.t.Helper()
	w := &walker{who: "wang", url: g.url, jar: g.staff["wang"].http.Jar}
	for _, p := range g.items {
		if !p.knows("wang") {
			continue
		}
		for _, path := range []string{"/items/%d", "/items/%d/trail", "/items/%d/form", "/api/v1/items/%d"} {
			if status, body, err := w.ask("GET", fmt.Sprintf(path, p.ID), nil, ""); err != nil || status != 200 || !strings.Contains(body, fmt.Sprintf("zq7x%02d", p.n)) {
				g.t.Errorf(path+": a party sees no canary: %d %v", p.ID, status, err)
			}
		}
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, body, err := w.ask("GET", "/api/v1/search?limit=200&q="+url.QueryEscape(fruit), nil, "")
		if err != nil {
			g.t.Fatal(err)
		}
		missing := slices.IndexFunc(g.items, func(p *planted) bool {
			return p.knows("wang") && !strings.Contains(body, fmt.Sprintf(`"id":%d,`, p.ID))
		})
		if missing < 0 {
			return
		}
		if time.Now().After(end) {
			g.t.Errorf("a party does not find item %d (%s)", g.items[missing].ID, g.items[missing].state)
			return
		}
	}
}
