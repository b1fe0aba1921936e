package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Mutant: drop ready from create or save.
func TestBlanksLeftInTheTextAreNotSubmitted(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("text.led", "【节日名称】放假")
	path := h.create(v) // a draft may wait for its blanks
	v.Set("version", "1")
	v.Set("do", "submit")
	for _, to := range []string{path + "/edit", "/items"} {
		w := h.post("wang", to, v)
		if body := text(w.Body.String()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "还有没填的空，填好再提交：节日名称") {
			t.Errorf("%s: %d %s", to, w.Code, body)
		}
	}
	if it := h.item(path); it.State != workflow.Draft {
		t.Errorf("item is %s", it.State)
	}
	check := h.post("wang", "/items/check", url.Values{"title": {"【节日名称】放假"}})
	if !strings.Contains(text(check.Body.String()), "还有没填的空： 【节日名称】") {
		t.Errorf("live check says %s", text(check.Body.String()))
	}
}

// What sent an item back by itself is named where its author looks first.
// Mutant: say the general sentence in returned.
func TestHomeNamesWhatTheCheckFound(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("body_html", "<p>57365线路检测中心</p>")
	path := h.submitted(v)
	if it := h.item(path); it.State != workflow.Returned {
		t.Fatalf("item is %s", it.State)
	}
	for _, p := range []string{"/", path + "/edit"} {
		if body := text(h.get("wang", p).Body.String()); !strings.Contains(body, "自动检查发现必须改正的内容：“57365") {
			t.Errorf("%s: %s", p, body)
		}
	}
}

// A leader signs on one screen: words of each channel, window, what changed since a leader signed, what was accepted, who passed.
// Mutant: leave out any part of brief; give it to everyone.
func TestBriefForTheSigner(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("body_html", "<p>咨询电话13800001234。</p>")
	path := h.submitted(v)
	h.pass(path, through[0])
	body := h.get("zhao", path).Body.String()
	if strings.Contains(body, "签批要点") {
		t.Error("the reviewer gets the signer's brief")
	}
	finding := field2(body, `action="`+path+`/findings/`)
	h.post("zhao", path+"/findings/"+finding, url.Values{"verdict": {"accept"}, "reason": {"单位已公布的值班电话"}, "version": {field(body, "version")}})
	h.pass(path, through[1])
	says(t, h, path, "第一次报批", "办事大厅LED显示屏", "国庆节放假，10月8日起办公", "发布时起", "13800001234 单位已公布的值班电话", "赵敏", "陈卫东 科室审核通过", "同意。")

	w := h.move("sun", path, url.Values{"event": {"return"}, "reason_code": {"error"}, "reason": {"日期不对"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("return: %d %s", w.Code, text(w.Body.String()))
	}
	v.Set("do", "submit")
	v.Set("text.led", "国庆节放假，10月9日起办公")
	v.Set("version", field(h.get("wang", path+"/edit").Body.String(), "version"))
	if w := h.post("wang", path+"/edit", v); w.Code != http.StatusSeeOther {
		t.Fatalf("submit again: %d %s", w.Code, text(w.Body.String()))
	}
	h.scan(path)
	h.pass(path, through[0])
	body = h.get("zhao", path).Body.String()
	finding = field2(body, `action="`+path+`/findings/`)
	h.post("zhao", path+"/findings/"+finding, url.Values{"verdict": {"accept"}, "reason": {"单位已公布的值班电话"}, "version": {field(body, "version")}})
	h.pass(path, through[1])
	says(t, h, path, "退回修改（第 1 版）相比", "10月 8 9 日起办公", "全部对照")
}

// field2 returns what follows a mark up to the next quote.
func field2(body, mark string) string {
	_, rest, _ := strings.Cut(body, mark)
	s, _, _ := strings.Cut(rest, `"`)
	return s
}

// says fails the test for each of the words that sun does not read in the brief of the item at path.
func says(t *testing.T, h *house, path string, words ...string) {
	t.Helper()
	page := h.get("sun", path).Body.String()
	i, j := strings.Index(page, `class="brief"`), strings.Index(page, `class="keep"`)
	if i < 0 || j < i {
		t.Fatalf("no brief in %s", text(page))
	}
	brief := text(page[i:j])
	for _, w := range words {
		if !strings.Contains(brief, w) {
			t.Errorf("brief lacks %q: %s", w, brief)
		}
	}
}

// Taking down is one click from the desk and the wall, for those who may; a link may choose nothing else.
// Mutant: let meant return any event.
func TestTakingDownIsOneClickAway(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, through...)
	h.pack(path)
	h.pass(path, [2]string{"wu", "publish"})
	link := `href="` + path + `?do=suspend#hd"`
	for who, want := range map[string]bool{"wu": true, "tian": true} {
		if got := strings.Contains(h.get(who, "/publish").Body.String()+h.get(who, "/screens").Body.String(), link); got != want {
			t.Errorf("%s has the link: %v", who, got)
		}
	}
	if body := h.get("wu", path+"?do=suspend").Body.String(); !strings.Contains(body, `value="suspend" required data-key="1"`) || !strings.Contains(body, " checked>") {
		t.Error("the move is not chosen")
	}
	if body := h.get("wu", path).Body.String(); !strings.Contains(body, `<details class="rarer"><summary>`) || strings.Contains(body, " checked>") {
		t.Error("taking down is open though nobody asked for it")
	}
	if body := h.get("wu", path+"?do=seal").Body.String(); strings.Contains(body, `value="seal" required checked`) || strings.Contains(body, " checked>") {
		t.Error("another move is chosen by a link")
	}
}

// A head is not told why a recall that is not hers can't be done.
// Mutant: show blocked moves of tone other.
func TestMovesOfOthersAreNotShown(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	if body := h.get("chen", path).Body.String(); strings.Contains(body, `value="recall"`) || strings.Contains(body, "取回") {
		t.Error("chen is shown a recall")
	}
	if body := h.get("wang", path).Body.String(); !strings.Contains(body, `value="recall"`) {
		t.Error("wang is not shown the recall")
	}
}

// Mutant: show all terms whatever was asked; drop the suppressed.
func TestLibraries(t *testing.T) {
	h := newHouse(t)
	for path, want := range map[string]string{
		"/terms": "在用的词库 赌博与线路推广 1", "/terms?q=57365": "57365 赌博 必须处置 自动退回", "/terms?category=gambling": "57365 赌博", "/terms?q=x": "没有这样的词。",
	} {
		if body := text(h.get("zhao", path).Body.String()); !strings.Contains(body, want) {
			t.Errorf("%s lacks %q: %s", path, want, body)
		}
	}
	for in, c := range map[string]struct {
		status int
		says   []string
	}{
		"":                          {422, []string{"请先写一段要试的文字。"}},
		strings.Repeat("长", 20_001): {422, []string{"最多试 20000 字，您写了 20001 字。"}},
		"57365线路检测中心":               {200, []string{"查出 2 处", "敏感词 必须处置 57365"}},
		"编号9573659成批":               {200, []string{"查出 0 处", "放过 1 处", "是更长的数字或单词的一部分"}},
	} {
		w := h.post("zhao", "/terms", url.Values{"text": {in}})
		for _, s := range c.says {
			if body := text(w.Body.String()); w.Code != c.status || !strings.Contains(body, s) {
				t.Errorf("%.20s: %d lacks %q: %.2000s", in, w.Code, s, body)
			}
		}
	}
}

// Mutant: call a checkpoint late that has every record; hide that there is none.
func TestTheAuditorSeesTheProof(t *testing.T) {
	h := newHouse(t)
	see := func(want string) {
		t.Helper()
		if body := text(h.get("shen", "/audit").Body.String()); !strings.Contains(body, want) {
			t.Errorf("audit lacks %q: %s", want, body)
		}
	}
	see("还没有签名检查点")
	h.proofs.newest = &ledger.Checkpoint{Size: 1 << 40, At: morning.Add(-time.Hour)}
	see("已证明的记录 1099511627776 条 检查点时间 2026-09-01 08:00:00")
	if strings.Contains(h.get("shen", "/audit").Body.String(), "检查点停在") {
		t.Error("a checkpoint of all records is called late")
	}
	if body := text(h.get("shen", "/").Body.String()); !strings.Contains(body, "已证明的记录 1099511627776 条") {
		t.Errorf("home: %s", body)
	}
}

// Mutant: spell another part of the digest.
func TestTheFormCanBeVerified(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	d := strings.ToUpper(h.item(path).Digest)
	want := "校验码应为 " + d[:4] + "-" + d[4:8] + "-" + d[8:12] + "-" + d[12:16] + "（第 1 版）"
	if body := text(h.get("wang", path+"/form").Body.String()); !strings.Contains(body, want) {
		t.Errorf("form lacks %q: %s", want, body)
	}
}

// The page of an item looks again by itself while the system works on it, and only then.
// Mutant: leave data-waits out or always in.
func TestThePageLooksAgainWhileTheSystemWorks(t *testing.T) {
	h := newHouse(t)
	v := notice()
	v.Set("do", "submit")
	path := h.create(v)
	waits := func() bool { return strings.Contains(h.get("wang", path).Body.String(), " data-waits") }
	if !waits() {
		t.Error("a page under check does not look again")
	}
	if h.scan(path); waits() {
		t.Error("a page that waits for a person looks again")
	}
}

// Who is asked to sign in on the way to a page is told so; who comes to the front door is not.
// Mutant: say it always.
func TestSignInSaysWhy(t *testing.T) {
	h := newHouse(t)
	for path, want := range map[string]bool{"/login": false, "/login?next=/": false, "/login?next=//evil.example": false, "/login?next=/items/3": true} {
		if got := strings.Contains(h.get("", path).Body.String(), "请登录，随后回到您要去的页面"); got != want {
			t.Errorf("%s says it: %v", path, got)
		}
	}
}
