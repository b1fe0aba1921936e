package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestLetters: an item has the papers of its own life and no others, filled from what was decided. Mutants: a paper for a state
// that has none; the newest decision taken for the oldest; a paper for strangers.
func TestLetters(t *testing.T) {
	h := newHouse(t)
	draft := h.create(notice())
	live := h.submitted(notice())
	h.pass(live, through...)
	h.pack(live)
	h.pass(live, [2]string{"wu", "publish"})
	w := h.move("wu", live, url.Values{"event": {"suspend"}, "reason_code": {"error"}, "reason": {"日期写错了"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("suspend: %d %s", w.Code, text(w.Body.String()))
	}
	refused := h.submitted(notice())
	h.pass(refused, through[0])
	w = h.move("zhao", refused, url.Values{"event": {"secrecy_reject"}, "reason_code": {"secrecy"}, "reason": {"属工作秘密"}, "opinion": {"不予公开"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("reject: %d %s", w.Code, text(w.Body.String()))
	}
	open := h.submitted(notice())
	h.pass(open, through[0])
	w = h.move("zhao", open, url.Values{"event": {"refer"}, "question": {"数据是否属于工作秘密"}, "ground": {"涉及内部统计口径"}, "letter_no": {"示政服函〔2026〕3号"}, "opinion": {"报请确定"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("refer: %d %s", w.Code, text(w.Body.String()))
	}
	for _, x := range []struct {
		who, path string
		want      []string // nil: no such paper
	}{
		{"wang", draft + "/papers/request", nil},
		{"wang", live + "/papers/request", []string{"关于申请发布《国庆节放假通知》的函", "请予保密审查和审批", "联系人："}},
		{"wu", live + "/papers/takedown", []string{"信息撤稿（下线）单", "日期写错了", h.item(live).Number, "下线人", "系统管理员"}},
		{"wu", live + "/papers/refusal", nil},
		{"bai", open + "/papers/referral", []string{"关于提请确定有关信息是否属于国家秘密的函", "数据是否属于工作秘密", "示政服函〔2026〕3号", "十个工作日内"}},
		{"wang", open + "/papers/referral", nil},
		{"bai", open + "/papers/refusal", nil},
		{"wang", refused + "/papers/refusal", []string{"不予公开告知", "属工作秘密", "第 1 版"}},
		{"wang", refused + "/papers/takedown", nil},
		{"zhou", live + "/papers/request", nil},
		{"wang", live + "/papers/other", nil},
	} {
		w := h.get(x.who, x.path)
		if x.want == nil {
			if w.Code != http.StatusNotFound {
				t.Errorf("%s %s: %d", x.who, x.path, w.Code)
			}
			continue
		}
		for _, s := range x.want {
			if !strings.Contains(text(w.Body.String()), s) {
				t.Errorf("%s %s (%d) lacks %q: %s", x.who, x.path, w.Code, s, text(w.Body.String()))
			}
		}
	}
	if body := h.get("wang", refused+"/form").Body.String(); !strings.Contains(body, "/papers/refusal") || strings.Contains(body, "/papers/takedown") {
		t.Error("the form does not lead to the item's papers")
	}
}
