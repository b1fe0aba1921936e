package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSignByPages: a reviewer asks a signer by name, who finds it waiting, dissents, and is heard by the principal leader; a head
// gives a draft to another author.
// Mutants: formFields that drops persons; a form without the names.
func TestSignByPages(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, [2]string{"chen", "unit_pass"})
	if got := h.get("zhao", path).Body.String(); !strings.Contains(got, `name="person1"`) || !strings.Contains(got, `<option value="ma">`) {
		t.Error("nobody to ask")
	}
	w := h.move("zhao", path, url.Values{"event": {"ask_countersign"}, "opinion": {"请核对"}})
	if got := text(w.Body.String()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "会签人") {
		t.Errorf("nobody named: %d %s", w.Code, got)
	}
	if w := h.get("ma", path); w.Code != http.StatusNotFound {
		t.Errorf("a signer who was not asked: %d", w.Code)
	}
	for _, s := range []struct {
		who string
		v   url.Values
	}{
		{"zhao", url.Values{"event": {"ask_countersign"}, "opinion": {"请核对"}, "person1": {"ma"}}},
		{"ma", url.Values{"event": {"countersign"}, "opinion": {"时间不对"}, "result": {"dissent"}}},
		{"zhao", url.Values{"event": {"secrecy_pass"}, "opinion": {"同意"}}},
	} {
		if s.who == "ma" && !strings.Contains(h.get("ma", "/inbox").Body.String(), path) {
			t.Error("the signer does not find it")
		}
		if w := h.move(s.who, path, s.v); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", s.v.Get("event"), w.Code, text(w.Body.String()))
		}
	}
	if got := text(h.get("sun", path).Body.String()); !strings.Contains(got, "会签有不同意见") {
		t.Error(got)
	}
	draft := h.create(notice())
	if w := h.move("chen", draft, url.Values{"event": {"reassign"}, "to": {"xu"}, "reason_code": {"other"}, "reason": {"王丽休假"}}); w.Code != http.StatusSeeOther || h.item(draft).Author != "xu" {
		t.Errorf("reassign: %d, %s", w.Code, h.item(draft).Author)
	}
}
