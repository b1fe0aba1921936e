package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTwinByPages: passages go one a line; the editor opens with them kept back.
// Mutant: termsOf that takes the field as one passage.
func TestTwinByPages(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	v := url.Values{"event": {"twin"}, "mode": {"remove"}, "passages": {"10月1日\r\n8日起\r\n"}, "reason_code": {"privacy"}, "reason": {"涉及个人"}}
	w := h.move("wang", path, v)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/items/") {
		t.Fatalf("%d %s", w.Code, text(w.Body.String()))
	}
	got := h.get("wang", strings.SplitN(w.Header().Get("Location"), "?", 2)[0]).Body.String()
	if !strings.Contains(got, "【此处依法删去】至7日放假，【此处依法删去】正常办公") || strings.Contains(got, "10月1日至") {
		t.Error(text(got))
	}
}
