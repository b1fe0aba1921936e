package page_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"qingyang/workflow"
)

func application(who, role string) url.Values {
	return url.Values{"op": {"give"}, "for": {who}, "role": {role}, "paper": {"授权〔2026〕5号"}, "reason": {"工作需要"}}
}

func (h *house) expect(w *httptest.ResponseRecorder, status int, says ...string) {
	h.t.Helper()
	body := text(w.Body.String())
	if w.Code != status {
		h.t.Errorf("%d, want %d: %.600s", w.Code, status, body)
	}
	for _, s := range says {
		if !strings.Contains(body, s) {
			h.t.Errorf("does not say %q: %.900s", s, body)
		}
	}
}

var (
	approve = url.Values{"do": {"approve"}}
	refuse  = url.Values{"do": {"refuse"}, "answer": {"暂不需要"}}
)

// TestApplications: a head asks, an administrator grants, the new reviewer reviews; a role taken away ends the session.
// Mutants: any of the pages open to another role; a refused form that forgets what was typed; EndSessions left out.
func TestApplications(t *testing.T) {
	h := newHouse(t)
	h.expect(h.post("chen", "/admin/applications", application("xu", "reviewer")), http.StatusSeeOther)
	bad := application("xu", "unit_head")
	bad.Set("reason", "x")
	h.expect(h.post("chen", "/admin/applications", bad), http.StatusUnprocessableEntity, "科室负责人", "2 至 500 字")
	if body := h.post("chen", "/admin/applications", bad).Body.String(); !strings.Contains(body, `value="授权〔2026〕5号"`) || !strings.Contains(body, `value="unit_head" selected`) {
		t.Error("what was typed is gone")
	}
	h.expect(h.post("chen", "/admin/applications", application("zhou", "reviewer")), http.StatusForbidden, "只能为您负责单位的人员申请")
	h.expect(h.post("wang", "/admin/applications", application("xu", "reviewer")), http.StatusForbidden)
	h.expect(h.post("chen", "/admin/applications", application("xu", "reviewer")), http.StatusUnprocessableEntity, "已有一项等待批准")
	h.expect(h.get("xu", "/admin/applications"), http.StatusOK, "授予角色：许静", "保密审查员", "等待批准")
	if body := text(h.get("zhou", "/admin/applications").Body.String()); strings.Contains(body, "许静") {
		t.Error("a stranger reads the application")
	}
	for _, who := range []string{"chen", "xu", "shen", "wu"} {
		h.expect(h.post(who, "/admin/applications/1", approve), http.StatusNotFound)
	}
	h.expect(h.get("an", "/"), http.StatusOK, "等您批准", "授予角色：许静", "人手齐备")
	h.expect(h.post("an", "/admin/applications/1", url.Values{"do": {"refuse"}}), http.StatusUnprocessableEntity, "2 至 500 字")
	h.expect(h.get("xu", "/terms"), http.StatusNotFound)
	h.expect(h.post("an", "/admin/applications/1", approve), http.StatusSeeOther)
	h.expect(h.get("xu", "/terms"), http.StatusOK)
	h.expect(h.post("gu", "/admin/applications/1", refuse), http.StatusConflict, "已有人先办")
	v := application("xu", "reviewer")
	v.Set("op", "take")
	h.expect(h.post("an", "/admin/applications", v), http.StatusSeeOther)
	h.expect(h.post("an", "/admin/applications/2", approve), http.StatusForbidden, "提议人不能自己批准")
	h.expect(h.post("gu", "/admin/applications/2", approve), http.StatusSeeOther)
	if w := h.get("xu", "/inbox"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login") {
		t.Errorf("who lost a role is still signed in: %d", w.Code)
	}
	h.last()
}

// last: neither of the last two administrators, nor the only auditor, can be taken away, whoever asks.
func (h *house) last() {
	h.t.Helper()
	v := application("gu", "security_admin")
	v.Set("op", "take")
	h.expect(h.post("feng", "/admin/applications", v), http.StatusSeeOther)
	h.expect(h.post("gu", "/admin/applications/3", approve), http.StatusForbidden, "关系到您本人")
	h.expect(h.post("an", "/admin/applications/3", approve), http.StatusUnprocessableEntity, "安全保密管理员", "人数不足")
	h.expect(h.post("feng", "/admin/applications", application("wang", "security_admin")), http.StatusUnprocessableEntity, "不得兼任")
}

// TestPeoplePage: everybody with roles and last sign-in, the odd ones apart, and as a file on the log.
func TestPeoplePage(t *testing.T) {
	h := newHouse(t)
	h.get("wang", "/")
	h.expect(h.get("an", "/admin/people"), http.StatusOK, "系统管理员（发布）", "中心门户网站、", "从未登录", "09-01 09:00", "人手齐备")
	h.expect(h.get("shen", "/admin/people?show=odd"), http.StatusOK, "没有异常或长期未用的账号")
	for _, who := range []string{"wang", "chen", "feng", "wu"} {
		h.expect(h.get(who, "/admin/people"), http.StatusNotFound)
		h.expect(h.get(who, "/admin/people.csv"), http.StatusNotFound)
	}
	if body := h.get("shen", "/admin/people.csv").Body.String(); strings.Count(body, "\n") != 19 || !strings.Contains(body, "拟稿人") {
		t.Errorf("csv: %s", body)
	}
	f := must[*excelize.File](t)(excelize.OpenReader(bytes.NewReader(h.get("an", "/admin/people.xlsx?show=odd").Body.Bytes())))
	rows := must[[][]string](t)(f.GetRows("Sheet1"))
	if len(rows) != 2 || !strings.Contains(rows[0][0], "异常和长期未用账号备案表") {
		t.Errorf("xlsx: %q", rows)
	}
}

// TestHousePage: proposed by a publisher with what changes in sight, approved by an administrator, versioned; items under way
// go on as they began. Mutants: any of the pages open to another role; the difference of another thing.
func TestHousePage(t *testing.T) {
	h := newHouse(t)
	path := h.submitted(notice())
	route := url.Values{"thing": {"route"}, "id": {"window-a"}, "hours.secrecy_review": {"7"}, "reason": {"减少环节"}}
	for _, who := range []string{"an", "shen", "chen", "feng"} {
		h.expect(h.post(who, "/admin/house", route), http.StatusNotFound)
	}
	bad := url.Values{"thing": {"route"}, "id": {"window-a"}, "hours.secrecy_review": {"很久"}, "reason": {"减少环节"}}
	if w := h.post("wu", "/admin/house", bad); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "很久") {
		t.Errorf("hours in words: %d", w.Code)
	}
	bad.Set("hours.secrecy_review", "900")
	h.expect(h.post("wu", "/admin/house", bad), http.StatusUnprocessableEntity, "“保密审查”的时限须是 1 至 700")
	h.expect(h.post("wu", "/admin/house", route), http.StatusSeeOther)
	h.expect(h.get("an", "/admin/house"), http.StatusOK, "window-a@1", "window-a@2", "保密审查时限（工作小时） 14 7", "科室审核 → 保密审查")
	h.expect(h.post("wu", "/admin/house/1", approve), http.StatusNotFound)
	h.expect(h.post("an", "/admin/house/1", approve), http.StatusSeeOther)
	h.expect(h.get("wu", "/admin/house"), http.StatusOK, "现在是第 2 版", "第 2 版", "减少环节")
	if it := h.item(path); it.Route != "window-a@1" || it.State != workflow.UnitCheck {
		t.Errorf("the item is in %s under %s", it.State, it.Route)
	}
	h.pass(path, through...)
	next := h.submitted(notice())
	if it := h.item(next); it.Route != "window-a@2" || it.State != workflow.SecrecyReview {
		t.Errorf("the next item is in %s under %s", it.State, it.Route)
	}
	h.otherThings()
}

// otherThings: a column, a channel and a day each make a version of their own; a refused one none.
func (h *house) otherThings() {
	h.t.Helper()
	for i, v := range []url.Values{
		{"thing": {"column"}, "id": {""}, "new_id": {"bids"}, "name": {"招标公告"}, "important": {"led", "tv"}, "reason": {"新设栏目"}},
		{"thing": {"channel"}, "id": {"tv"}, "name": {"大厅电视"}, "name_en": {"Television"}, "days": {"14"}, "reason": {"改名缩短"}},
		{"thing": {"day"}, "date": {"2026-12-31"}, "as": {"off"}, "reason": {"年终盘点"}},
	} {
		h.expect(h.post("zheng", "/admin/house", v), http.StatusSeeOther)
		decision, path := approve, "/admin/house/"+string(rune('2'+i))
		if i == 2 {
			decision = refuse
		}
		h.expect(h.post("gu", path, decision), http.StatusSeeOther)
	}
	h.expect(h.get("shen", "/admin/house"), http.StatusOK, "现在是第 4 版", "招标公告", "LED 条屏、大厅液晶电视", "大厅电视", "30 14", "日历：2026-12-31", "按星期 放假", "暂不需要")
}
