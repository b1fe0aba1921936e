package page_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"qingyang/workflow"
)

// TestSummaryPage: the table adds up, a unit without numbers reports nil, and taking it out is on the log. Mutants: a period that
// holds nothing shows the present one; exports leave no record; a drafter may read it.
func TestSummaryPage(t *testing.T) {
	h := newHouse(t)
	live := h.submitted(notice())
	h.pass(live, through...)
	h.pack(live)
	h.pass(live, [2]string{"wu", "publish"})
	body := text(h.get("wu", "/register/summary").Body.String())
	for _, want := range []string{"零报告", "合计", h.item(live).Number} {
		if !strings.Contains(body, want) {
			t.Errorf("the table lacks %q: %s", want, body)
		}
	}
	if body := text(h.get("wu", "/register/summary?period=2020").Body.String()); !strings.Contains(body, "本期没有登记信息发布，零报告") {
		t.Errorf("an empty year: %s", body)
	}
	for path, want := range map[string]int{"/register/summary?period=2026-13": 400, "/register.csv?period=x": 400, "/register/summary.xlsx": 200} {
		if w := h.get("wu", path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := h.get("wang", "/register/summary"); w.Code != http.StatusNotFound {
		t.Errorf("a drafter reads it: %d", w.Code)
	}
	if w := h.get("wu", "/register/summary.csv"); !strings.Contains(w.Body.String(), "合计,1,1,0,0,0,0,") {
		t.Errorf("csv: %s", w.Body.String())
	}
	if got := h.exports(); !slices.Equal(got, []string{"summary 2026-09", "summary 2026-09"}) {
		t.Errorf("on the log: %q", got)
	}
}

// exports returns what the log says was taken out.
func (h *house) exports() (whats []string) {
	ctx := context.Background()
	if _, err := h.db.Place(ctx); err != nil {
		h.t.Fatal(err)
	}
	es, err := h.db.Audit(ctx, -1, 200)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range es {
		if e.Event == string(workflow.Export) {
			whats = append(whats, e.Detail["what"])
		}
	}
	return whats
}
