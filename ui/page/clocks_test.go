package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestClocksPage: what waits is listed by its time for who oversees it; what has not reached them is named without its words.
// Mutants: titles of items not reached; a stranger's unit; a drafter may look.
func TestClocksPage(t *testing.T) {
	h := newHouse(t)
	h.submitted(notice())
	body := text(h.get("chen", "/clocks").Body.String())
	if !strings.Contains(body, "国庆节放假通知") || !strings.Contains(body, "科室负责人") {
		t.Errorf("the head of the unit: %s", body)
	}
	body = text(h.get("sun", "/clocks").Body.String())
	if strings.Contains(body, "国庆节放假通知") || !strings.Contains(body, "尚未送到您这一步") || !strings.Contains(body, "没有超时的稿件") {
		t.Errorf("the leader, before it came to them: %s", body)
	}
	if body = text(h.get("ma", "/clocks").Body.String()); strings.Contains(body, "尚未送到") {
		t.Errorf("the head of another unit: %s", body)
	}
	if w := h.get("wang", "/clocks"); w.Code != http.StatusNotFound {
		t.Errorf("a drafter: %d", w.Code)
	}
	h.wait(30 * 24 * time.Hour)
	if body = text(h.get("chen", "/").Body.String()); !strings.Contains(body, "1 份超时未办") {
		t.Errorf("home of the head: %s", body)
	}
	if body = text(h.get("feng", "/clocks").Body.String()); !strings.Contains(body, "已超时") || strings.Contains(body, "没有超时") {
		t.Errorf("the chief: %s", body)
	}
}

// TestExpiringApproval: an approval that runs out is named before it does. Mutant: count from the registration.
func TestExpiringApproval(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	h.pass(path, through...)
	if body := text(h.get("wu", "/clocks").Body.String()); strings.Contains(body, "审批即将失效") {
		t.Errorf("at once: %s", body)
	}
	h.wait(24 * 24 * time.Hour)
	if body := text(h.get("wu", "/clocks").Body.String()); !strings.Contains(body, "审批即将失效") {
		t.Errorf("six days before: %s", body)
	}
}
