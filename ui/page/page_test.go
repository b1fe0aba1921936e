package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qingyang/workflow"
)

// through is the way of an ordinary item to its publication.
var through = [][2]string{
	{"chen", "unit_pass"}, {"zhao", "secrecy_pass"}, {"sun", "leader_approve"}, {"wu", "register"},
}

// Mutant: drop any handler's redirect, or the version from any form.
func TestWholeLifeByPages(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, through...)
	h.pack(path)
	h.pass(path, [2]string{"wu", "publish"})
	if it := h.item(path); it.State != workflow.Published || it.Number == "" {
		t.Fatalf("item is %s %q", it.State, it.Number)
	}
	w := h.move("qian", path, url.Values{"event": {"suspend"}, "reason_code": {"error"}, "reason": {"日期有误"}})
	if w.Code != http.StatusSeeOther || h.item(path).State != workflow.Suspended {
		t.Errorf("suspend: %d, item is %s", w.Code, h.item(path).State)
	}
}

// visited are the pages that each person opens, with items in several states.
func visited(h *house) map[string][]string {
	back := notice()
	back.Set("body_html", "<p>咨询电话13800001234。</p>")
	draft, held, live := h.create(notice()), h.submitted(back), h.submitted(notice())
	h.pass(held, through[0])
	h.pass(live, through...)
	h.pack(live)
	h.pass(live, [2]string{"wu", "publish"})
	w := h.upload("wang", draft+"/files", strconv.FormatInt(h.item(draft).Version, 10), "名单.txt", "名单")
	if w.Code != http.StatusSeeOther {
		h.t.Fatalf("upload: %d %s", w.Code, text(w.Body.String()))
	}
	all := []string{"/", "/inbox", "/inbox/done", "/items", "/items?state=draft&text=x", "/search", "/search?q=放假", "/me", "/admin/applications"}
	item := func(p string) []string {
		return []string{p, p + "/diff", p + "/preview", p + "/files", p + "/form", p + "/trail", p + "/preview/portal/page.html", p + "/preview/led/strip.png"}
	}
	return map[string][]string{
		"":     {"/login"},
		"wang": slices.Concat(all, []string{"/inbox/mine", "/inbox/drafts", "/items/new", "/items/new?template=holiday", draft + "/edit"}, item(draft)),
		"zhao": slices.Concat(all, []string{"/screens", "/screens/led", "/terms/proposals", "/terms/versions", "/terms/import"}, item(held)),
		"sun":  slices.Concat(all, []string{"/screens", "/register", "/recalls", "/incidents", "/clocks", live + "/papers/request"}, item(live)),
		"wu":   slices.Concat(all, []string{"/screens", "/publish", "/register", "/register.csv", "/register.xlsx?period=2026", "/register/summary", "/register/summary?period=2025", "/register/summary.csv", "/recalls"}, item(live)),
		"tian": {"/", "/screens"}, "bai": {"/", "/secrecy"}, "an": {"/", "/admin/people", "/admin/people?show=odd", "/admin/applications?for=xu&op=take", "/admin/house", "/terms", "/terms?q=57365", "/terms/proposals"}, "shen": {"/", "/terms", "/terms/versions", "/audit", "/audit?after=3", "/register", "/admin/people", "/admin/applications", "/admin/house"},
	}
}

var (
	inline = regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|<script(?: [^>]*)?>[^<]|javascript:`)
	chosen = regexp.MustCompile(`%!|<no value>|\{[0-9]\}`)
)

// Every page is drawn from real items, in both languages, without inline style or script, and stays small.
// Mutant: misname a field in any template.
func TestEveryPageDraws(t *testing.T) {
	h := newHouse(t)
	pages := visited(h)
	for _, lang := range []string{"zh", "en"} {
		h.lang = lang
		for who, paths := range pages {
			for _, p := range paths {
				w := h.get(who, p)
				body := w.Body.String()
				if w.Code != http.StatusOK {
					t.Errorf("%s %s %s: %d %s", lang, who, p, w.Code, text(body))
				}
				if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(p, "/preview/") {
					continue
				}
				if m := inline.FindString(body); m != "" {
					t.Errorf("%s has inline style or script: %q", p, m)
				}
				if m := chosen.FindString(strings.ReplaceAll(body, "{0}", "")); m != "" && !strings.Contains(p, "edit") && !strings.Contains(p, "new") {
					t.Errorf("%s %s shows %q", lang, p, m)
				}
				if len(body) > 60<<10 {
					t.Errorf("%s is %d bytes", p, len(body))
				}
			}
		}
	}
	if h.Log.Has(`"level":"ERROR"`) {
		t.Error("a page failed; see the log")
	}
}

// Mutant: leave a route's audience out of Routes.
func TestStrangersAreTurnedAway(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	for who, paths := range map[string][]string{
		"zhou": {path, path + "/form", path + "/trail", path + "/preview/portal/page.html", path + "/edit"},
		"wang": {"/audit", "/terms", "/publish", "/screens", "/register"},
		"zhao": {"/inbox/drafts", "/items/new", "/audit", path}, // not reached yet
		"shen": {path, "/inbox", "/items", "/search?q=x", "/screens"},
		"an":   {path, "/items", "/register"},
	} {
		for _, p := range paths {
			if w := h.get(who, p); w.Code != http.StatusNotFound {
				t.Errorf("%s gets %d from %s", who, w.Code, p)
			}
		}
	}
	if w := h.get("", path+"?ok=moved"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?next="+url.QueryEscape(path+"?ok=moved") {
		t.Errorf("nobody gets %d to %s", w.Code, w.Header().Get("Location"))
	}
}

// Whatever is refused comes back with its reason and with what was typed.
// Mutant: show the stored content instead of the form's in unsaved.
func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	path := h.create(notice())
	version := strconv.FormatInt(h.item(path).Version, 10)
	change := func(pairs ...string) url.Values {
		v := notice()
		v.Set("version", version)
		v.Set("summary", "我刚写的摘要")
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for name, c := range map[string]struct {
		v      url.Values
		status int
		says   string
	}{
		"no title":        {change("title", ""), 422, "标题"},
		"title too long":  {change("title", strings.Repeat("长", 201)), 422, "200"},
		"strip too long":  {change("text.led", strings.Repeat("长", 121)), 422, "120"},
		"until first":     {change("from.led", "2026-10-05T09:00", "until.led", "2026-10-01T09:00"), 422, "结束时间早于开始时间"},
		"no time":         {change("until.led", "明天"), 422, "“结束时间”的类型不对"},
		"unknown channel": {change("channel", "moon"), 422, "没有这个渠道"},
		"stale":           {change("version", "9"), 409, "您的文字还在下面"},
		"self-check":      {change("self_check", "accurate", "do", "submit"), 422, "自查五项"},
	} {
		w := h.post("wang", path+"/edit", c.v)
		body := w.Body.String()
		if w.Code != c.status || !strings.Contains(body, c.says) || !strings.Contains(body, "我刚写的摘要") {
			t.Errorf("%s: %d, says it: %v, keeps the text: %v", name, w.Code, strings.Contains(body, c.says), strings.Contains(body, "我刚写的摘要"))
		}
	}
	if w := h.post("wang", path+"/edit", change("colour", "red")); w.Code != http.StatusBadRequest {
		t.Errorf("unknown key: %d", w.Code)
	}
}

// Mutant: forget typed.move in itemPage.
func TestRefusedDecisionsKeepTheOpinion(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("body_html", "<p>咨询电话13800001234。</p>")
	path := h.submitted(v)
	h.pass(path, through[0])
	const words = "这是我写了很久的意见"
	for name, c := range map[string]struct {
		v      url.Values
		status int
		says   string
	}{
		"open findings": {url.Values{"event": {"secrecy_pass"}, "opinion": {words}}, 422, "没有处置"},
		"no reason":     {url.Values{"event": {"return"}, "reason": {words}}, 422, "理由类别缺少"},
		"stale":         {url.Values{"event": {"secrecy_pass"}, "opinion": {words}, "version": {"1"}}, 409, "正文没有变"},
		"not now":       {url.Values{"event": {"publish"}, "opinion": {words}}, 409, "办理"},
	} {
		w := h.move("zhao", path, c.v)
		body := w.Body.String()
		if w.Code != c.status || !strings.Contains(body, c.says) || !strings.Contains(body, words) {
			t.Errorf("%s: %d %s", name, w.Code, text(body)[:400])
		}
	}
}

// Mutant: send the present revision as the old one in stale.
func TestStaleDecisionShowsTheDifference(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	seen := h.get("chen", path).Body.String()
	if w := h.move("wang", path, url.Values{"event": {"recall"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("recall: %d", w.Code)
	}
	v := notice()
	v.Set("version", strconv.FormatInt(h.item(path).Version, 10))
	v.Set("body_html", "<p>本中心10月1日至8日放假，9日起正常办公。</p>")
	v.Set("do", "submit")
	if w := h.post("wang", path+"/edit", v); w.Code != http.StatusSeeOther {
		t.Fatalf("edit: %d", w.Code)
	}
	h.scan(path)
	w := h.post("chen", path+"/moves", url.Values{
		"event": {"unit_pass"}, "opinion": {"内容属实"}, "version": {field(seen, "version")}, "digest": {field(seen, "digest")}, "seen": {field(seen, "seen")},
	})
	body := w.Body.String()
	if w.Code != http.StatusConflict || !strings.Contains(body, "<del>") || !strings.Contains(body, "<ins>") || !strings.Contains(body, "内容属实") {
		t.Errorf("%d %s", w.Code, text(body))
	}
}

// A verdict by script gets the card, the progress and the decision; a plain form goes back to the page.
func TestDisposing(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("body_html", "<p>咨询电话13800001234。</p>")
	path := h.submitted(v)
	h.pass(path, through[0])
	body := h.get("zhao", path).Body.String()
	if !strings.Contains(body, `<mark id="m1" class="block" data-n="1"><a href="#f1">13800001234<sup aria-hidden="true">1</sup></a></mark>`) {
		t.Fatalf("no mark in %s", body)
	}
	to := regexp.MustCompile(path + `/findings/[^"]+`).FindString(body)
	bad := h.post("zhao", to, url.Values{"verdict": {"accept"}, "reason": {""}, "version": {field(body, "version")}})
	if bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Body.String(), "2 至 500 字") {
		t.Errorf("no reason: %d", bad.Code)
	}
	if !strings.Contains(body, "<b>建议") || strings.Contains(body, `value="建议`) {
		t.Error("the suggestion is a click away from being the reason of the other verdict")
	}
	w := h.post("zhao", to, url.Values{"verdict": {"must_change"}, "reason": {""}, "version": {field(body, "version")}})
	body = h.get("zhao", path).Body.String()
	if w.Code != http.StatusSeeOther || !strings.Contains(body, "<b>要求修改</b>建议") || strings.Contains(body, `value="建议`) {
		t.Errorf("a change without a word: %d %s", w.Code, text(body))
	}
	w = h.post("zhao", to, url.Values{"verdict": {"accept"}, "reason": {"窗口公用手机"}, "version": {field(body, "version")}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != path+"?ok=verdict#f1" {
		t.Errorf("plain: %d %s", w.Code, w.Header().Get("Location"))
	}
	h.pass(path, through[1])
}

func TestSignInRefused(t *testing.T) {
	h := newHouse(t)
	w := h.send("", "POST", "/login", formMedia, strings.NewReader("account=wang&password=wrong&next=%2Finbox"))
	body := w.Body.String()
	if w.Code != http.StatusUnauthorized || !strings.Contains(body, `value="wang"`) || !strings.Contains(body, `value="/inbox"`) || strings.Contains(body, "wrong") {
		t.Errorf("%d %s", w.Code, body)
	}
}

// Mutant: take the token out of a form.
func TestForeignPostRefused(t *testing.T) {
	h := newHouse(t)
	path := h.create(notice())
	if w := h.send("wang", "POST", path+"/moves", formMedia, strings.NewReader("event=submit")); w.Code != http.StatusForbidden {
		t.Errorf("without token: %d", w.Code)
	}
}

// Mutant: always go home after signing in again.
func TestSignInLeadsBack(t *testing.T) {
	h := newHouse(t)
	for referer, want := range map[string]string{
		"http://example.com/items/3?a=1": "/login?next=" + url.QueryEscape("/items/3?a=1"), "http://evil.test/x": "/login?next=%2F", "": "/login?next=%2F",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/items/3/moves", strings.NewReader("event=submit"))
		r.Header.Set("Content-Type", formMedia)
		r.Header.Set("Referer", referer)
		w := httptest.NewRecorder()
		h.gate.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%q: %d %s", referer, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestFiles(t *testing.T) {
	h := newHouse(t)
	path := h.create(notice())
	v := strconv.FormatInt(h.item(path).Version, 10)
	if w := h.upload("wang", path+"/files", v, "程序.exe", "MZ"); w.Code != http.StatusUnsupportedMediaType || !strings.Contains(w.Body.String(), "不接受这种文件") {
		t.Errorf("exe: %d", w.Code)
	}
	if w := h.upload("wang", path+"/files", v, "名单.txt", "张三"); w.Code != http.StatusSeeOther {
		t.Fatalf("txt: %d", w.Code)
	}
	if body := h.get("wang", path+"/edit").Body.String(); !strings.Contains(body, "未经杀毒") || strings.Contains(body, "等待杀毒") {
		t.Error("a file waits for an antivirus that the house does not have")
	}
	at := regexp.MustCompile(path + `/files/[0-9a-f]+`).FindString(h.get("wang", path+"/files").Body.String())
	w := h.get("wang", at)
	if w.Code != 200 || w.Body.String() != "张三" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("download: %d %q %v", w.Code, w.Body, w.Header())
	}
	gone := h.post("wang", at+"/remove", url.Values{"version": {strconv.FormatInt(h.item(path).Version, 10)}})
	if gone.Code != http.StatusSeeOther || h.get("wang", at).Code != http.StatusNotFound {
		t.Errorf("remove: %d", gone.Code)
	}
}

func TestHaltAndResume(t *testing.T) {
	h := newHouse(t)
	if w := h.post("zhao", "/screens/led/halt", url.Values{"reason": {""}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without reason: %d", w.Code)
	}
	if w := h.post("zhao", "/screens/led/halt", url.Values{"reason": {"出现异常文字"}}); w.Code != http.StatusSeeOther {
		t.Errorf("halt: %d", w.Code)
	}
	if body := h.get("sun", "/screens").Body.String(); !strings.Contains(body, "出现异常文字") || !strings.Contains(body, "/screens/led/resume") {
		t.Error("the wall does not offer to resume")
	}
	if w := h.post("sun", "/screens/led/resume", url.Values{"reason": {"已核查"}}); w.Code != http.StatusSeeOther {
		t.Errorf("resume: %d", w.Code)
	}
}

// What is saved by itself is a revision only if it says something new.
func TestAutosave(t *testing.T) {
	h := newHouse(t)
	path := h.create(notice())
	v := notice()
	v.Del("do")
	v.Set("version", "1")
	for _, c := range []struct {
		summary  string
		status   int
		revision int
	}{{"放假安排", 200, 1}, {"新的摘要", 200, 2}, {"又一个摘要", 409, 2}} {
		v.Set("summary", c.summary)
		if w := h.post("wang", path+"/autosave", v); w.Code != c.status || h.item(path).Revision != c.revision {
			t.Errorf("%s: %d %s, revision %d", c.summary, w.Code, w.Body, h.item(path).Revision)
		}
	}
	if w := h.post("wang", "/items/autosave", url.Values{"title": {"只有标题"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"message"`) {
		t.Errorf("unfinished: %d %s", w.Code, w.Body)
	}
}
