package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSecrecyByPages: a reviewer refers, the officers see the clocks and enter the answer, nobody else finds the item meanwhile.
// Mutants: drop reply_no from texts; the page without clocks.
func TestSecrecyByPages(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, [2]string{"chen", "unit_pass"})
	w := h.move("zhao", path, url.Values{"event": {"refer"}, "question": {"是否涉及国家秘密"}, "ground": {"工作秘密事项范围"}, "letter_no": {"示保请〔2026〕1号"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/?ok=closed" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), text(w.Body.String()))
	}
	for who, p := range map[string]string{"zhao": path, "wang": path, "sun": path, "chen": path + "/trail"} {
		if w := h.get(who, p); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
	got := text(h.get("bai", "/secrecy").Body.String())
	for _, s := range []string{"国庆节放假通知", "是否涉及国家秘密", "示保请〔2026〕1号", "报送期限", "答复期限"} {
		if !strings.Contains(got, s) {
			t.Errorf("no %s: %s", s, got)
		}
	}
	if w := h.get("zhao", "/secrecy"); w.Code != http.StatusNotFound {
		t.Errorf("a reviewer: %d", w.Code)
	}
	if w := h.move("bai", path, url.Values{"event": {"propose_determination"}, "result": {"open"}, "reply_no": {"示保复〔2026〕1号"}}); w.Code != http.StatusSeeOther {
		t.Fatal(text(w.Body.String()))
	}
	if got := text(h.get("he", "/secrecy").Body.String()); !strings.Contains(got, "待另一位保密员复核") {
		t.Error(got)
	}
	h.pass(path, [2]string{"he", "confirm_determination"})
	if w := h.get("zhao", path); w.Code != http.StatusOK || h.item(path).State != "secrecy_review" {
		t.Errorf("%d, %s", w.Code, h.item(path).State)
	}
}
