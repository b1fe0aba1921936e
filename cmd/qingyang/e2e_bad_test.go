package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"qingyang/seeds"
	"qingyang/workflow"
)

// misuse is one form sent wrongly. kept is what was typed and must stand in the answer; says are words that the message must
// have: the field and what to do.
type misuse struct {
	name   string
	who    string
	path   string
	form   url.Values
	file   []byte // sent as the file called as
	as     string
	header [2]string
	status int
	kept   string
	says   []string
}

// good is a drafting form without fault; more replaces or, with an empty value list, drops fields.
func good(do string, more url.Values) url.Values {
	f := url.Values{
		"do": {do}, "title": {"检修通知"}, "body_html": {"<p>二楼窗口照常办理业务。</p>"}, "disclosure": {"active"}, "class": {"ordinary"},
		"urgency": {"normal"}, "column": {"notice"}, "channel": {"portal", "led"},
		"self_check": {"no_secret", "no_sensitive", "privacy_masked", "third_party", "accurate"},
	}
	for k, v := range more {
		f[k] = v
	}
	return f
}

// forms are the faults of the drafting form, for a new item and for one that is there.
func draftMisuses(path string) []misuse {
	long := strings.Repeat("长", 201)
	body := "<p>" + strings.Repeat("二楼窗口照常办理。", 8000) + "</p>"
	strip := strings.Repeat("屏", 121)
	soon := time.Now().Add(48 * time.Hour).Format("2006-01-02T15:04")
	later := time.Now().Add(72 * time.Hour).Format("2006-01-02T15:04")
	past := time.Now().Add(-time.Hour).Format("2006-01-02T15:04")
	list := []misuse{
		{name: "no title", form: good("save", url.Values{"title": {" "}}), kept: "二楼窗口照常办理业务", says: []string{"标题"}},
		{name: "no body", form: good("save", url.Values{"body_html": {""}}), kept: "检修通知", says: []string{"正文"}},
		{name: "long title", form: good("save", url.Values{"title": {long}}), kept: long, says: []string{"标题", "200"}},
		{name: "long body", form: good("save", url.Values{"body_html": {body}}), kept: html.EscapeString(body[3:300]), says: []string{"正文", "200"}},
		{name: "long summary", form: good("save", url.Values{"summary": {strings.Repeat("要", 501)}}), kept: strings.Repeat("要", 501), says: []string{"摘要", "500"}},
		{name: "long strip", form: good("save", url.Values{"text.led": {strip}}), kept: strip, says: []string{"120"}},
		{name: "no channel", form: good("save", url.Values{"channel": nil}), kept: "检修通知", says: []string{"渠道"}},
		{name: "unknown channel", form: good("save", url.Values{"channel": {"moon"}}), kept: "检修通知", says: []string{"渠道"}},
		{name: "unknown class", form: good("save", url.Values{"class": {"royal"}}), kept: "检修通知", says: []string{"类别"}},
		{name: "unknown column", form: good("save", url.Values{"column": {"moon"}}), kept: "检修通知", says: []string{"栏目"}},
		{name: "until before from", form: good("save", url.Values{"from.led": {later}, "until.led": {soon}}), kept: soon, says: []string{"结束", "开始"}},
		{name: "no time", form: good("save", url.Values{"from.led": {"明天"}}), kept: "检修通知", says: []string{"开始"}},
		{name: "over already", form: good("submit", url.Values{"until.led": {past}}), kept: past, says: []string{"结束"}},
		{name: "no self-check", form: good("submit", url.Values{"self_check": {"no_secret"}}), kept: "检修通知", says: []string{"自查"}},
		{name: "not to be disclosed", form: good("submit", url.Values{"disclosure": {"none"}}), kept: "检修通知", says: []string{"公开"}},
		{name: "unknown key", form: good("save", url.Values{"evil": {"1"}}), status: http.StatusBadRequest, says: []string{"evil"}},
		{name: "doubled key", form: good("save", url.Values{"title": {"一", "二"}}), status: http.StatusBadRequest, says: []string{"title"}},
		{name: "no text", form: good("save", url.Values{"title": {"\xff"}}), status: http.StatusBadRequest, says: []string{"标题"}},
	}
	for i := range list {
		list[i].name, list[i].who, list[i].path = path+" "+list[i].name, "wang", path
		if list[i].status == 0 {
			list[i].status = http.StatusUnprocessableEntity
		}
	}
	return list
}

// bench is the house in which forms are misused.
type bench struct {
	*office
	run *program
}

// TestBadInput sends every form wrongly. Each answer has the right status and words for a person, keeps what was typed, and has
// a number that the log has too; nothing is half saved. Mutants: a page that answers 500, that drops the text,
// that saves before it refuses.
func TestBadInput(t *testing.T) {
	run := start(t, furnished(t))
	b := &bench{openOffice(t, run.url), run}
	b.people["zhou"] = signIn(t, run.url, "zhou")
	b.people[""] = &client{url: run.url}
	draft := b.create("检修通知")
	edit := fmt.Sprintf("/items/%d/edit", draft.ID)
	cases := draftMisuses("/items")
	for _, m := range draftMisuses(edit) {
		if m.form.Get("do") == "submit" { // what was typed is saved, only not sent: such a draft is used once
			m.path = fmt.Sprintf("/items/%d/edit", b.create("检修通知").ID)
		}
		m.form.Set("version", strconv.FormatInt(draft.Version, 10))
		cases = append(cases, m)
	}
	cases = append(cases, b.moves()...)
	cases = append(cases, b.files()...)
	cases = append(cases, b.others(draft)...)
	var numbers []string
	for _, m := range cases {
		t.Run(m.name, func(t *testing.T) { numbers = append(numbers, b.refuses(t, m)) })
	}
	if it, err := b.people["wang"].item(draft.ID); err != nil || it.Version != draft.Version {
		t.Errorf("after all that the draft is %+v, was %+v: %v", it, draft, err)
	}
	run.kill()
	for i, n := range numbers {
		if n != "" && !strings.Contains(run.log.String(), n) {
			t.Errorf("%s: the log does not have %s", cases[i].name, n)
		}
	}
}

func (b *bench) create(title string) item {
	b.t.Helper()
	var it item
	if err := b.people["wang"].call("POST", "/api/v1/items", notice(title, "portal", "led"), &it); err != nil {
		b.t.Fatal(err)
	}
	return it
}

// moves are decisions that are not to be had.
func (b *bench) moves() []misuse {
	at := b.create("等待科室审核")
	b.step("wang", at.ID, workflow.Submit)
	at, err := b.people["chen"].ready(b.t.Context(), at.ID, workflow.UnitPass)
	if err != nil {
		b.t.Fatal(err)
	}
	path := fmt.Sprintf("/items/%d/moves", at.ID)
	form := func(e workflow.Event, more ...string) url.Values {
		f := url.Values{"event": {string(e)}, "version": {strconv.FormatInt(at.Version, 10)}, "digest": {at.Digest}, "seen": {"1"}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	long := strings.Repeat("话", 501)
	own := b.edited()
	return []misuse{
		{name: "no opinion", who: "chen", path: path, form: form("unit_pass"), status: 422, says: []string{"意见"}},
		{name: "short opinion", who: "chen", path: path, form: form("unit_pass", "opinion", "可"), status: 422, kept: ">可<", says: []string{"意见"}},
		{name: "long opinion", who: "chen", path: path, form: form("unit_pass", "opinion", long), status: 422, kept: long, says: []string{"意见", "500"}},
		{name: "return without code", who: "chen", path: path, form: form("return", "reason", "日期有误，请核对"), status: 422, kept: "日期有误，请核对", says: []string{"理由", "选"}},
		{name: "return without reason", who: "chen", path: path, form: form("return", "reason_code", "error"), status: 422, says: []string{"理由"}},
		{name: "stale digest", who: "chen", path: path, form: form("unit_pass", "opinion", "内容属实同意", "digest", strings.Repeat("0", 64)), status: 409, kept: "内容属实同意"},
		{name: "stale version", who: "chen", path: path, form: form("unit_pass", "opinion", "内容属实同意", "version", "1"), status: 409, kept: "内容属实同意"},
		{name: "wrong state", who: "chen", path: path, form: form("publish", "opinion", "发布吧发布吧"), status: 409},
		{name: "no version", who: "chen", path: path, form: form("unit_pass", "opinion", "同意", "version", "x"), status: 422},
		{name: "unknown event", who: "chen", path: path, form: form("conjure"), status: 409},
		{name: "another unit", who: "zhou", path: path, form: form("unit_pass", "opinion", "同意"), status: 404},
		{name: "too early", who: "zhao", path: path, form: form("secrecy_pass", "opinion", "同意"), status: 404},
		own,
		{name: "verdict without reason", who: "zhao", path: b.finding(), form: url.Values{"verdict": {"accept"}, "version": {"4"}}, status: 422, says: []string{"2", "500"}},
	}
}

// edited is an item that its unit's head has had a hand in: passing it is not for that person any more.
func (b *bench) edited() misuse {
	it := b.create("科室负责人改过的稿件")
	form := notice("科室负责人改过的稿件，第二稿", "portal")
	form["version"] = it.Version
	if err := b.people["chen"].call("PUT", fmt.Sprint("/api/v1/items/", it.ID), form, nil); err != nil {
		b.t.Fatal(err)
	}
	b.step("wang", it.ID, workflow.Submit)
	for it.State != workflow.UnitCheck {
		var err error
		if it, err = b.people["chen"].item(it.ID); err != nil {
			b.t.Fatal(err)
		}
	}
	return misuse{
		name: "second duty", who: "chen", path: fmt.Sprintf("/items/%d/moves", it.ID), status: 403, kept: "内容属实同意",
		form: url.Values{"event": {"unit_pass"}, "version": {strconv.FormatInt(it.Version, 10)}, "digest": {it.Digest}, "opinion": {"内容属实同意"}, "seen": {"2"}},
	}
}

// finding returns where the finding of an item in secrecy review is disposed.
func (b *bench) finding() string {
	var it item
	form := notice("值班电话", "portal")
	form["body_html"] = "<p>请与" + mobile + "联系。</p>"
	if err := b.people["wang"].call("POST", "/api/v1/items", form, &it); err != nil {
		b.t.Fatal(err)
	}
	b.step("wang", it.ID, workflow.Submit)
	b.step("chen", it.ID, workflow.UnitPass)
	for _, f := range b.see("zhao", it.ID).Findings {
		if f.Open() {
			return fmt.Sprintf("/items/%d/findings/%s", it.ID, f.ID)
		}
	}
	b.t.Fatal("the mobile was not found")
	return ""
}

// files are uploads that are refused.
func (b *bench) files() []misuse {
	it := b.create("带附件的通知")
	path, form := fmt.Sprintf("/items/%d/files", it.ID), url.Values{"version": {strconv.FormatInt(it.Version, 10)}}
	ole := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 4096)...)
	fs, err := seeds.Sample{Attachments: []seeds.Attachment{{Name: "a.docx", Paragraphs: []string{"说明"}}}}.Files()
	if err != nil {
		b.t.Fatal(err)
	}
	docx := fs[0].Bytes
	return []misuse{
		{name: "program", who: "wang", path: path, form: form, file: []byte("MZ\x90\x00"), as: "setup.exe", status: 415, says: []string{"docx"}},
		{name: "program called pdf", who: "wang", path: path, form: form, file: []byte("MZ\x90\x00" + strings.Repeat("x", 500)), as: "通知.pdf", status: 415},
		{name: "compound file called docx", who: "wang", path: path, form: form, file: ole, as: "加密.docx", status: 422},
		{name: "empty file", who: "wang", path: path, form: form, file: []byte{}, as: "空.txt", status: 422},
		{name: "no file", who: "wang", path: path, form: form, status: 422, says: []string{"文件"}},
		{name: "stale file", who: "wang", path: path, form: url.Values{"version": {"99"}}, file: docx, as: "a.docx", status: 409},
		{name: "large file", who: "wang", path: path, form: form, file: make([]byte, workflow.MaxFile+1), as: "大.txt", status: 413, says: []string{"文件", "拆分"}},
		{name: "another's file", who: "zhou", path: path, form: form, file: docx, as: "a.docx", status: 404},
	}
}

// others are the remaining forms.
func (b *bench) others(draft item) []misuse {
	edit := fmt.Sprintf("/items/%d/edit", draft.ID)
	stale := good("save", url.Values{"version": {"99"}, "title": {"我写了很久的标题"}})
	return []misuse{
		{name: "stale form", who: "wang", path: edit, form: stale, status: 409, kept: "我写了很久的标题", says: []string{"王丽", "没有丢"}},
		{name: "version is no number", who: "wang", path: edit, form: good("save", url.Values{"version": {"x"}}), status: 422},
		{name: "foreign item", who: "zhou", path: edit, form: good("save", url.Values{"version": {"1"}}), status: 404},
		{name: "no such item", who: "wang", path: "/items/99999/edit", form: good("save", nil), status: 404},
		{name: "no token", who: "wang", path: edit, form: good("save", url.Values{"csrf": {"x"}}), status: 403, says: []string{"刷新"}},
		{name: "foreign page", who: "wang", path: edit, form: good("save", nil), header: [2]string{"Origin", "https://evil.example"}, status: 403},
		{name: "halt without reason", who: "li", path: "/screens/tv/halt", form: url.Values{"reason": {" "}}, status: 422, says: []string{"理由"}},
		{name: "halt of nothing", who: "li", path: "/screens/moon/halt", form: url.Values{"reason": {"看看"}}, status: 404},
		{name: "halt by a drafter", who: "wang", path: "/screens/tv/halt", form: url.Values{"reason": {"看看"}}, status: 404},
		{name: "resume of what is live", who: "sun", path: "/screens/tv/resume", form: url.Values{"reason": {"恢复播出"}}, status: 409, kept: "恢复播出"},
		{name: "empty password", path: "/login", form: url.Values{"account": {"wang"}, "password": {""}}, status: 401, kept: "wang", says: []string{"密码"}},
		{name: "LDAP wildcard", path: "/login", form: url.Values{"account": {"*)(uid=*"}, "password": {"x"}}, status: 401, kept: "*)(uid=*", says: []string{"密码"}},
		{name: "LDAP null", path: "/login", form: url.Values{"account": {`wang\00`}, "password": {"Qingyang-demo-1"}}, status: 401},
		{name: "login key", path: "/login", form: url.Values{"account": {"wang"}, "password": {"x"}, "role": {"chief"}}, status: 400, says: []string{"role"}},
	}
}

// refuses sends m and holds the answer against what a person needs. It returns the number of the refusal.
func (b *bench) refuses(t *testing.T, m misuse) string {
	t.Helper()
	c := b.people[m.who]
	r := b.request(t, c, m)
	h := http.Client{Jar: c.http.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, err := h.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	page, number := string(raw), a.Header.Get("X-Request-Id")
	if a.StatusCode != m.status {
		t.Errorf("status %d, want %d: %s", a.StatusCode, m.status, told(page))
	}
	if !strings.Contains(html.UnescapeString(page), html.UnescapeString(m.kept)) {
		t.Errorf("what was typed is not kept: %.60s…", m.kept)
	}
	for _, w := range m.says {
		if !strings.Contains(told(page), w) {
			t.Errorf("the message does not say %s: %s", w, told(page))
		}
	}
	if told(page) == "" {
		t.Error("no message")
	}
	if number == "" || strings.Contains(page, "错误编号") && !strings.Contains(page, number) {
		t.Errorf("the page does not show its number %s", number)
	}
	return number
}

func (b *bench) request(t *testing.T, c *client, m misuse) *http.Request {
	t.Helper()
	form := url.Values{}
	for k, v := range m.form {
		form[k] = v
	}
	if !form.Has("csrf") {
		form.Set("csrf", c.csrf)
	}
	media, body := "application/x-www-form-urlencoded", io.Reader(strings.NewReader(form.Encode()))
	if strings.HasSuffix(m.path, "/files") {
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		for k, v := range form {
			_ = w.WriteField(k, v[0])
		}
		if m.as != "" {
			part, err := w.CreateFormFile("file", m.as)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write(m.file)
		}
		_ = w.Close()
		media, body = w.FormDataContentType(), &buf
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+m.path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	if m.header[0] != "" {
		r.Header.Set(m.header[0], m.header[1])
	}
	return r
}

var messages = regexp.MustCompile(`(?s)<div class="note [^>]*>.*?</div>|<p class="fault"[^>]*>.*?</p>|<section class="card problem">.*?</section>`)

// told returns the messages of a page: its note, what is wrong with fields, or the page of an error.
func told(page string) string { return strings.Join(messages.FindAllString(page, -1), " ") }
