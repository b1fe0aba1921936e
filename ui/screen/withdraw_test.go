package screen_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"qingyang/workflow"
	"qingyang/workflow/publish/publishtest"
)

// withdraw takes an item down as the Desk does after it was asked for and approved.
func (w *site) withdraw(c *workflow.Case, terms workflow.Terms) {
	for _, d := range []workflow.Decision{
		{Event: workflow.AskWithdraw, Person: "wang", Terms: terms},
		{Event: workflow.ApproveWithdraw, Person: "li"},
		{Event: workflow.Withdraw, Person: "wu", ReasonCode: "outdated", Reason: "内部原因不外露"},
	} {
		w.Decide(c, d)
	}
	w.Change(c.Item.ID, func(c *workflow.Case) {
		c.Item.State = workflow.Withdrawn
		for i := range c.Deliveries {
			c.Deliveries[i].Want, c.Deliveries[i].Have = "", ""
		}
	})
}

// TestTombstones: where a withdrawn item stood there is what was signed and nothing more; a successor is linked only while it
// is itself proven.
// Mutants: Tomb without Verify; tombstone with the words of the reason; the link without a proof.
func TestTombstones(t *testing.T) {
	for _, tt := range []struct {
		name       string
		terms      workflow.Terms
		has, lacks []string
		spoil      func(*workflow.Case)
	}{
		{"gone", workflow.Terms{Notice: workflow.NoticeGone}, nil, []string{"内容过时", "新办事指南"}, nil},
		{"reason", workflow.Terms{Notice: workflow.NoticeReason}, []string{"内容过时", "2026-10-01"}, []string{"新办事指南"}, nil},
		{"redirect", workflow.Terms{Notice: workflow.NoticeRedirect, Target: number(2)}, []string{"新办事指南", url.PathEscape(number(2))}, nil, nil},
		{"redirect to what is down", workflow.Terms{Notice: workflow.NoticeRedirect, Target: number(3)}, []string{"内容过时"}, []string{"已撤的指南", url.PathEscape(number(3))}, nil},
		{"forged", workflow.Terms{Notice: workflow.NoticeReason}, nil, []string{"内容过时", "涉及个人隐私"}, func(c *workflow.Case) {
			c.Decisions[len(c.Decisions)-1].ReasonCode = "privacy"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			c := w.Publish(1, true, publishtest.Notice("旧指南", "portal"))
			w.Publish(2, true, publishtest.Notice("新办事指南", "portal"))
			w.Publish(3, true, publishtest.Notice("已撤的指南", "portal"))
			w.Suspend(3)
			w.withdraw(c, tt.terms)
			if tt.spoil != nil {
				tt.spoil(c)
			}
			for _, accept := range []string{"text/html", "application/json"} {
				got := w.get(itemPath("portal", 1), "Accept", accept)
				if got.status != http.StatusGone {
					t.Errorf("%d %s", got.status, got.body)
				}
				for _, s := range append(tt.lacks, "旧指南", "不外露", "wang") {
					if strings.Contains(got.body, s) {
						t.Errorf("%s tells %q: %s", accept, s, got.body)
					}
				}
				for _, s := range tt.has {
					if !strings.Contains(got.body, s) && accept == "text/html" {
						t.Errorf("%s lacks %q: %s", accept, s, got.body)
					}
				}
			}
		})
	}
}
