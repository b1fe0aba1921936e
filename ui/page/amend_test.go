package page_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestAmendByPages: an amendment opens in the editor with its parent's text, both pages name the other one, and strangers to it
// don't learn of it.
// Mutant: d.relatives that returns them all.
func TestAmendByPages(t *testing.T) {
	h := newHouse(t)
	path := h.published(notice())
	w := h.move("wang", path, url.Values{"event": {"amend"}})
	to := regexp.MustCompile(`^/items/\d+`).FindString(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || to == path || to == "" {
		t.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), text(w.Body.String()))
	}
	edit := h.get("wang", to+"/edit").Body.String()
	if !strings.Contains(edit, "国庆节放假通知") || strings.Contains(edit, `value="no_secret" checked`) {
		t.Errorf("the editor: %s", text(edit))
	}
	if got := h.get("wang", path).Body.String(); !strings.Contains(got, `href="`+to+`"`) {
		t.Error("the parent does not name its amendment")
	}
	if got := h.get("sun", path).Body.String(); strings.Contains(got, `href="`+to+`"`) {
		t.Error("a leader learns of a draft")
	}
	if got := h.get("wang", to).Body.String(); !strings.Contains(got, `href="`+path+`"`) {
		t.Error("the amendment does not name its parent")
	}
	if w := h.get("sun", to); w.Code != http.StatusNotFound {
		t.Errorf("a leader opens the draft: %d", w.Code)
	}
}
