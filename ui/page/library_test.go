package page_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"qingyang/workflow"
)

func oneTerm(text string) url.Values {
	return url.Values{
		"op": {"add"}, "text": {text}, "category": {"loan"}, "level": {"block"}, "fuzzy": {"pinyin", "split"}, "reason": {"近日多见"},
		"from": {"2026-01-01"}, "do": {"propose"},
	}
}

// TestProposals: proposed by a reviewer, shown with everything against it, approved by a security administrator, in force
// and in the history; a public item that has the word becomes a task and stays public.
// Mutant: any route of the library open to another role.
func TestProposals(t *testing.T) {
	h := newHouse(t)
	live := h.submitted(notice())
	h.pass(live, through...)
	h.pack(live)
	h.pass(live, [2]string{"wu", "publish"})
	bad := oneTerm("57365")
	if w := h.post("zhao", "/terms/proposals", bad); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "gambling") || !strings.Contains(w.Body.String(), "近日多见") {
		t.Errorf("a duplicate: %d %s", w.Code, text(w.Body.String()))
	}
	look := oneTerm("放假")
	look.Set("do", "look")
	if w := h.post("zhao", "/terms/proposals", look); w.Code != http.StatusOK || !strings.Contains(text(w.Body.String()), "1 份已公开稿件会命中") {
		t.Errorf("preview: %d %s", w.Code, text(w.Body.String()))
	}
	if w := h.post("zhao", "/terms/proposals", oneTerm("放假")); w.Code != http.StatusSeeOther {
		t.Fatalf("propose: %d %s", w.Code, text(w.Body.String()))
	}
	for who, want := range map[string]int{"zhao": 404, "wu": 404, "shen": 404} {
		if w := h.post(who, "/terms/proposals/1", url.Values{"do": {"approve"}}); w.Code != want {
			t.Errorf("%s decides: %d", who, w.Code)
		}
	}
	if w := h.post("an", "/terms/proposals/1", url.Values{"do": {"refuse"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("refused without reason: %d", w.Code)
	}
	if w := h.post("an", "/terms/proposals/1", url.Values{"do": {"approve"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("approve: %d %s", w.Code, text(w.Body.String()))
	}
	if body := text(h.get("zhao", "/terms/versions/1").Body.String()); !strings.Contains(body, "放假") || !strings.Contains(body, "拼音") {
		t.Errorf("difference: %s", body)
	}
	h.begun()
	h.recalled(live)
}

// begun: a change begins where the term was found, with what it is now. The mutant opens an empty form.
func (h *house) begun() {
	h.t.Helper()
	own := h.get("zhao", "/terms/proposals?text="+url.QueryEscape("放假")).Body.String()
	for _, want := range []string{`value="放假"`, `value="change" selected`, `value="loan"`, `value="pinyin" checked`, `value="2026-01-01"`} {
		if !strings.Contains(own, want) {
			h.t.Errorf("the form of the house's own term lacks %s", want)
		}
	}
	if other := h.get("zhao", "/terms/proposals?text=57365").Body.String(); !strings.Contains(other, `value="switch_off" selected`) {
		h.t.Error("the form of a built-in term does not switch it off")
	}
}

func (h *house) recalled(live string) {
	h.t.Helper()
	if done, err := h.desk.Retro(context.Background(), workflow.RetroJob{Name: "v1", Version: 1}); !done || err != nil {
		h.t.Fatal(done, err)
	}
	for _, who := range []string{"wu", "sun", "feng"} {
		if body := text(h.get(who, "/recalls").Body.String()); !strings.Contains(body, "国庆节放假通知") || !strings.Contains(body, "命中 1") {
			h.t.Errorf("%s sees %s", who, body)
		}
		if body := text(h.get(who, "/").Body.String()); !strings.Contains(body, "发布后查出问题") {
			h.t.Errorf("home of %s: %s", who, body)
		}
	}
	w := h.move("wu", live, url.Values{"event": {"clear_recall"}, "reason_code": {"other"}, "reason": {"已核对，是放假安排"}})
	if it := h.item(live); w.Code != http.StatusSeeOther || it.State != workflow.Published || it.Open != 0 {
		h.t.Errorf("clear: %d %s, %+v", w.Code, text(w.Body.String()), it)
	}
	if body := text(h.get("zhao", "/terms/versions").Body.String()); !strings.Contains(body, "命中统计") || !strings.Contains(body, "本中心词库") {
		h.t.Errorf("statistics: %s", body)
	}
}

func (h *house) list(name, content string) *httptest.ResponseRecorder {
	h.t.Helper()
	const who = "zhao"
	h.signIn(who)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("csrf", h.tokens[who])
	_ = m.WriteField("category", "loan")
	_ = m.WriteField("level", "ask")
	f := must[io.Writer](h.t)(m.CreateFormFile("file", name))
	_, _ = io.WriteString(f, content)
	_ = m.Close()
	return h.send(who, "POST", "/terms/import", m.FormDataContentType(), &b)
}

// TestImportPage: a list with faults names their lines and is not taken in; a good one is shown, proposed and comes out of the
// export as it went in.
func TestImportPage(t *testing.T) {
	h := newHouse(t)
	w := h.list("a.csv", "词条,级别,说明\n秒下款,提示,=1+1\n赌,必须处置,\n秒下款,高,\n57365,,\n")
	body := text(w.Body.String())
	for _, want := range []string{"第 3 行：“赌”只有一个字", "第 4 行：“级别”列的值“高”", "第 5 行：“57365”与词库 gambling"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
	if strings.Contains(w.Body.String(), `name="stored"`) {
		t.Error("a list with faults can be proposed")
	}
	for name, code := range map[string]int{"a.exe": 415, "a.xlsx": 422, "a.csv": 422} {
		if w := h.list(name, "nothing"); w.Code != code {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	w = h.list("a.csv", "词条,级别,说明,种类\n秒下款,提示,=1+1,\n严禁秒下款,,,allow\n")
	v := url.Values{"category": {"loan"}, "level": {"ask"}, "name": {"a.csv"}, "stored": {field(w.Body.String(), "stored")}, "reason": {"清单"}}
	if w := h.post("zhao", "/terms/import/propose", v); w.Code != http.StatusSeeOther {
		t.Fatalf("propose: %d %s", w.Code, text(w.Body.String()))
	}
	if w := h.post("an", "/terms/proposals/1", url.Values{"do": {"approve"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("approve: %d %s", w.Code, text(w.Body.String()))
	}
	got := h.get("an", "/terms/export.csv").Body.String()
	if !strings.Contains(got, "term,秒下款,loan,hint,false,false,,,'=1+1,,,") || !strings.Contains(got, "allow,严禁秒下款") {
		t.Errorf("export %s", got)
	}
	if w := h.list("a.csv", got); !strings.Contains(text(w.Body.String()), "已有且相同 2 行") {
		t.Errorf("the export comes back as %s", text(w.Body.String()))
	}
	if w := h.get("wu", "/terms/export.csv"); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
		t.Errorf("the publisher exports: %d", w.Code)
	}
}
