package page

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Problem is the page of an error.
type Problem struct {
	Frame
	Status   int
	Message  string
	Number   string
	Reasons  []string
	Do       string // what to do now
	Back     string
	BackText string
	Signed   bool
}

// Stale is the page of a decision on a text that changed meanwhile: the difference, and the form with what was typed.
type Stale struct {
	Frame
	Head
	Message  string
	Number   string // of the request that was refused
	Sections []Compared
	Decide   Decide
}

// refused shows the item again with every reason and all that was typed; what the item page cannot answer goes to the gate.
func (p *Pages) refused(c *gate.Call, m workflow.Move, seen string, err error) error {
	if errors.Is(err, workflow.ErrStale) {
		return p.stale(c, m, seen)
	}
	status, code, rs, _ := gate.Answer(err)
	switch status {
	case http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity:
	default:
		return err
	}
	k := typed{move: m, faults: map[string]string{}}
	k.note = refusal(c, code, rs)
	for _, r := range rs {
		k.faults[r.Field] = c.Words.Reason(r)
	}
	return p.itemPage(c, status, m.Item, k)
}

// stale shows what changed since the person saw the item. The same revision may have moved on without a change of text.
func (p *Pages) stale(c *gate.Call, m workflow.Move, seen string) error {
	ctx := c.Request().Context()
	v, err := p.Desk.View(ctx, c.Actor, m.Item)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(seen)
	if err != nil || n == v.Item.Revision {
		note := &Note{Kind: "warn", Number: c.Number, Text: tr(c.Words, "稿件在您填写时有了变化（正文没有变）。您写的内容还在，请核对后再提交。")}
		return p.itemPage(c, http.StatusConflict, m.Item, typed{move: m, note: note})
	}
	old, err := p.Desk.RevisionOf(ctx, c.Actor, m.Item, n)
	if err != nil {
		return err
	}
	f, l, err := p.frame(c, tr(c.Words, "稿件已有新版本"))
	if err != nil {
		return err
	}
	d := Stale{
		Frame: f, Head: l.head(v, "diff"), Sections: l.difference(old, v.Revision), Decide: l.decide(v, f.CSRF, typed{move: m}), Number: c.Number,
		Message: l.t("{0} 已于 {1} 提交第 {2} 版，您看到的是第 {3} 版。您写的内容还在下面，请看过改动再决定。",
			v.Revision.ByName, l.when(v.Revision.At), v.Revision.N, n),
	}
	return p.show(c, http.StatusConflict, "stale", d)
}

// problem draws what no page of its own answers.
func (p *Pages) problem(c *gate.Call, x gate.Problem) error {
	if x.Status == http.StatusUnauthorized && !partial(c) {
		return see(c, "/login?next="+url.QueryEscape(from(c)))
	}
	d := Problem{
		Status: x.Status, Message: x.Message, Number: x.Number, Signed: c.SignedIn(), Back: "/", BackText: tr(c.Words, "回首页"),
		Do: tr(c.Words, advice(x.Status)),
	}
	for _, r := range x.Reasons {
		d.Reasons = append(d.Reasons, r.Message)
	}
	if id, err := c.Item(); err == nil && x.Status != http.StatusNotFound {
		d.Back, d.BackText = fmt.Sprint("/items/", id), tr(c.Words, "回到稿件")
	}
	if partial(c) {
		return p.show(c, x.Status, "problem-part", d)
	}
	d.Frame = p.sober(c, tr(c.Words, "没有办成"))
	if c.SignedIn() {
		if f, _, err := p.frame(c, d.Title); err == nil {
			d.Frame = f
		}
	}
	return p.show(c, x.Status, "problem", d)
}

// from is the page that the person is on: after signing in again they find it, and the browser what they wrote there.
func from(c *gate.Call) string {
	if c.Request().Method == http.MethodGet {
		return c.Request().URL.RequestURI()
	}
	u, err := url.Parse(c.Request().Referer())
	if err != nil || u.Host != c.Request().Host {
		return "/"
	}
	return inside(u.RequestURI())
}

// advice says what to do after an answer of that status.
func advice(status int) string {
	switch status {
	case http.StatusNotFound:
		return "请核对地址；如果您应当看到它，请联系本单位负责人。"
	case http.StatusForbidden:
		return "如果您认为应当有权办理，请把错误编号告诉安全保密管理员。"
	case http.StatusConflict:
		return "请返回查看最新状态后再办理。"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "请稍候片刻再试，您的稿件没有受影响。"
	case http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "请按提示改正后重试；浏览器后退可以找回您填写的内容。"
	}
	return "请把错误编号告诉系统管理员，日志里有同一个编号。"
}
