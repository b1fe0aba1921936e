package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// published takes a notice of wang's to the public.
func (h *house) published(v url.Values) string {
	h.t.Helper()
	path := h.registered(v)
	h.pass(path, [2]string{"wu", "publish"})
	return path
}

// TestWithdrawByPages: the unit asks, the leader answers, the publisher carries it out from the publishing desk.
// Mutant: drop the station withdrawing.
func TestWithdrawByPages(t *testing.T) {
	h := newHouse(t)
	path := h.published(notice())
	because := func(event string, more ...string) url.Values {
		v := url.Values{"event": {event}, "reason_code": {"outdated"}, "reason": {"已有新通知"}, "opinion": {"同意。"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	w := h.move("wang", path, because("ask_withdraw", "notice", "redirect", "target", "没有的号"))
	if got := text(w.Body.String()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "没有正在公开的稿件用这个登记号") {
		t.Errorf("%d %s", w.Code, got)
	}
	for _, s := range []struct {
		who string
		v   url.Values
	}{{"wang", because("ask_withdraw", "notice", "notice")}, {"sun", because("approve_withdraw", "result", "agree")}} {
		if w := h.move(s.who, path, s.v); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", s.v, w.Code, text(w.Body.String()))
		}
	}
	if got := text(h.get("wu", "/publish").Body.String()); !strings.Contains(got, "已批准撤稿，等待撤下 1") {
		t.Error(got)
	}
	if w := h.move("wu", path, because("withdraw")); w.Code != http.StatusSeeOther || h.item(path).State != "withdrawn" {
		t.Errorf("%d, %s", w.Code, h.item(path).State)
	}
}
