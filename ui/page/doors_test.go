package page_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"qingyang/workflow"
)

// A submission that is refused after the text was saved says both, and keeps what was typed. Mutants: say nothing of the
// saving; refuse before saving; leave the old version in the form.
func TestSavedButNotSent(t *testing.T) {
	h := newHouse(t)
	path := h.create(notice())
	v := notice()
	v.Set("version", "1")
	v.Set("do", "submit")
	v.Set("title", "国庆节放假的通知")
	v["self_check"] = []string{"no_secret"}
	w := h.post("wang", path+"/edit", v)
	body := w.Body.String()
	if got := text(body); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "文字已保存（第 2 版），但没有提交") || !strings.Contains(body, "国庆节放假的通知") {
		t.Errorf("%d %s", w.Code, got)
	}
	if it := h.item(path); it.Title != "国庆节放假的通知" || it.State != workflow.Draft || field(body, "version") != strconv.FormatInt(it.Version, 10) {
		t.Errorf("%+v, the form carries version %s", it, field(body, "version"))
	}
	v.Set("title", strings.Repeat("长", 201))
	if got := text(h.post("wang", path+"/edit", v).Body.String()); !strings.Contains(got, "没有保存：") || strings.Contains(got, "文字已保存") {
		t.Errorf("a title too long: %s", got)
	}
}

// Who is signed in finds the way on from a page that is not there or that broke, and its number. Mutants: draw the bare page;
// show the error's text.
func TestErrorPagesHaveTheWayOn(t *testing.T) {
	h := newHouse(t)
	h.proofs.err = errors.New("disk of the proofs is gone")
	for _, x := range []struct {
		who, path string
		status    int
		bar       bool
	}{
		{"shen", "/audit", 500, true},
		{"shen", "/nothing-here", 404, true},
		{"wang", "/items/999", 404, true},
		{"wang", "/audit", 404, true},
		{"", "/nothing-here", 404, false},
	} {
		w := h.get(x.who, x.path)
		body := w.Body.String()
		number := w.Header().Get("X-Request-Id")
		if w.Code != x.status || number == "" || !strings.Contains(text(body), "错误编号 "+number) || !h.Log.Has(number) {
			t.Errorf("%s by %q: %d, number %q: %s", x.path, x.who, w.Code, number, text(body))
		}
		if strings.Contains(body, `class="bar"`) != x.bar || strings.Contains(body, h.proofs.err.Error()) {
			t.Errorf("%s by %q: %s", x.path, x.who, text(body))
		}
	}
}

// shown notes that a channel shows the item, as the delivery would.
func (h *house) shown(path, channel string) {
	h.t.Helper()
	it := h.item(path)
	c := must[*workflow.Case](h.t)(h.db.Case(context.Background(), it.ID))
	for _, d := range c.Deliveries {
		if d.Channel != channel {
			continue
		}
		err := h.db.InTx(context.Background(), func(tx workflow.Tx) error {
			_, err := tx.Deliver(context.Background(), workflow.DeliveryResult{
				Item: it.ID, Channel: channel, Gen: d.Gen, Have: d.Want, Shown: map[bool]workflow.Shown{true: workflow.Live, false: workflow.Removed}[d.Want != ""], At: morning,
			})
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// Mutants: show an item as on air while its channel is halted; list what was never shown; forget who and why.
func TestIncidents(t *testing.T) {
	h := newHouse(t)
	if got := text(h.get("wu", "/incidents").Body.String()); !strings.Contains(got, "没有违规发现的记录。") {
		t.Errorf("an empty house: %s", got)
	}
	path := h.submitted(notice())
	h.pass(path, through...)
	h.pack(path)
	h.pass(path, [2]string{"wu", "publish"})
	for _, ch := range []string{"led", "portal"} {
		h.shown(path, ch)
	}
	h.post("zhao", "/screens/led/halt", url.Values{"reason": {"出现异常文字"}})
	if got := text(h.get("wu", path).Body.String()); !strings.Contains(got, "办事大厅LED显示屏 09-01 09:00 停播中") || !strings.Contains(got, "中心门户网站 09-01 09:00 播出中") {
		t.Errorf("the item says %s", got)
	}
	h.move("qian", path, url.Values{"event": {"suspend"}, "reason_code": {"error"}, "reason": {"日期有误"}})
	if got := text(h.get("sun", "/incidents").Body.String()); !strings.Contains(got, "有 1 项还没有在所有渠道消失") {
		t.Errorf("while it is shown: %s", got)
	}
	for _, ch := range []string{"led", "portal"} {
		h.shown(path, ch)
	}
	if err := h.desk.Tampered(context.Background(), "led", "fence"); err != nil {
		t.Fatal(err)
	}
	body := h.get("sun", "/incidents").Body.String()
	for _, want := range []string{"国庆节放假通知 紧急下线 钱文 · 日期有误", "停播 赵敏", "渠道内容被改动 系统 · 屏幕文件夹被人改动，已改回"} {
		if !strings.Contains(text(body), want) {
			t.Errorf("no %q in %s", want, text(body))
		}
	}
	if !strings.Contains(body, `href="`+path+`"`) || !strings.Contains(body, `href="/screens/led"`) || strings.Contains(text(body), "还没有在所有渠道消失") {
		t.Errorf("links: %s", body)
	}
	if w := h.get("wang", "/incidents"); w.Code != http.StatusNotFound {
		t.Errorf("a drafter reads it: %d", w.Code)
	}
}
