package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestClaimByPages: who takes an item up is named to the others, and a reminder is shown to the holder.
// Mutants: the head without asides; holder without the claim.
func TestClaimByPages(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, [2]string{"chen", "unit_pass"}, [2]string{"zhao", "claim"}, [2]string{"wang", "remind"})
	got := text(h.get("zhao", path).Body.String())
	for _, s := range []string{"赵", "正在办理", "王丽", "催办"} {
		if !strings.Contains(got, s) {
			t.Errorf("no %s: %s", s, got)
		}
	}
	w := h.move("qian", path, url.Values{"event": {"secrecy_pass"}, "opinion": {"同意"}})
	if got := text(w.Body.String()); w.Code != http.StatusForbidden || !strings.Contains(got, "正在办理") {
		t.Errorf("%d %s", w.Code, got)
	}
	h.pass(path, [2]string{"zhao", "release"}, [2]string{"qian", "secrecy_pass"})
}
