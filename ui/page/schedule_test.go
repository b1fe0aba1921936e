package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// registered takes a notice of wang's as far as the register, with its pack.
func (h *house) registered(v url.Values) string {
	h.t.Helper()
	path := h.submitted(v)
	h.pass(path, [2]string{"chen", "unit_pass"}, [2]string{"zhao", "secrecy_pass"}, [2]string{"sun", "leader_approve"}, [2]string{"wu", "register"})
	h.pack(path)
	return path
}

// TestScheduleByPages: a publisher sets a time, finds it on the publishing desk in order of time, and takes it back; a wrong
// time comes back with its reason and as it was typed.
// Mutants: leave at out of only; sort nothing.
func TestScheduleByPages(t *testing.T) {
	h := newHouse(t)
	late, soon := h.registered(notice()), h.registered(notice())
	w := h.move("wu", late, url.Values{"event": {"schedule"}, "at": {"2026-08-01T08:00"}})
	if got := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(got), "定时发布的时间已过") || !strings.Contains(got, `value="2026-08-01T08:00"`) {
		t.Errorf("%d %s", w.Code, text(got))
	}
	if w := h.move("wu", late, url.Values{"event": {"schedule"}, "at": {"tomorrow"}}); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("a word for a time: %d", w.Code)
	}
	for path, at := range map[string]string{late: "2026-09-02T08:00", soon: "2026-09-01T18:00"} {
		if w := h.move("wu", path, url.Values{"event": {"schedule"}, "at": {at}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, text(w.Body.String()))
		}
	}
	desk := h.get("wu", "/publish").Body.String()
	first, second := strings.Index(desk, "09-01 18:00"), strings.Index(desk, "09-02 08:00")
	if first < 0 || second < first || !strings.Contains(desk, "do=schedule") {
		t.Errorf("18:00 stands at %d, the next day at %d: %s", first, second, text(desk))
	}
	if got := h.get("wu", soon+"?do=schedule").Body.String(); !strings.Contains(got, `value="schedule" required data-key`) {
		t.Error("the form offers no other time")
	}
	h.pass(soon, [2]string{"wu", "unschedule"})
	if got := h.item(soon).State; got != "registered" {
		t.Errorf("after unschedule: %s", got)
	}
	for who, want := range map[string]int{"wang": http.StatusForbidden, "zhao": http.StatusForbidden, "zhou": http.StatusNotFound} {
		if w := h.move(who, late, url.Values{"event": {"unschedule"}, "version": {"9"}, "digest": {"d"}}); w.Code != want && w.Code != http.StatusConflict {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
}
