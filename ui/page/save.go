package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

func invalid(err error) bool {
	_, ok := errors.AsType[*workflow.InvalidError](err)
	return ok
}

// ready refuses to submit a text in which blanks of a template still stand: nothing was filled in there.
func (p *Pages) ready(c *gate.Call, d draft) error {
	l, err := p.lens(c)
	if err != nil {
		return err
	}
	if left := l.unfilled(d.content); len(left) > 0 {
		return &unfilledError{left}
	}
	return nil
}

// unfilledError names the blanks that still stand in a text.
type unfilledError struct{ labels []string }

// Error lists the blanks of the template that were left, in its own words.
func (e *unfilledError) Error() string {
	return "还有没填的空：" + strings.Join(e.labels, "、")
}

// create stores a new item and, if asked, submits it.
func (p *Pages) create(c *gate.Call) error {
	d, err := readDraft(c)
	if err != nil {
		return p.unsaved(c, nil, d, err)
	}
	v, err := p.Desk.Create(c.Request().Context(), c.Actor, d.content)
	if err != nil {
		return p.unsaved(c, nil, d, err)
	}
	return p.submitted(c, v, d)
}

// save stores the form as a new revision, if it says anything new, and submits it if asked.
func (p *Pages) save(c *gate.Call) error {
	v, err := p.viewed(c)
	if err != nil {
		return err
	}
	d, err := readDraft(c)
	if err != nil {
		return p.unsaved(c, v, d, err)
	}
	saved, err := p.keep(c.Request().Context(), c.Actor, v, d)
	if err != nil {
		return p.unsaved(c, v, d, err)
	}
	return p.submitted(c, saved, d)
}

// keep saves what is new. What is the same already needs no new revision; the version is held against the present one all
// the same.
func (p *Pages) keep(ctx context.Context, a workflow.Actor, v *workflow.View, d draft) (*workflow.View, error) {
	if d.version == v.Item.Version && same(d.content, v.Revision.Content) {
		return v, nil
	}
	return p.Desk.Edit(ctx, a, v.Item.ID, d.version, d.content)
}

func (p *Pages) submitted(c *gate.Call, v *workflow.View, d draft) error {
	id := v.Item.ID
	if d.do != "submit" {
		return see(c, fmt.Sprintf("/items/%d/edit?ok=saved", id))
	}
	if err := p.ready(c, d); err != nil {
		return p.unsent(c, v, d, err)
	}
	m := workflow.Move{Item: id, Version: v.Item.Version, Digest: v.Item.Digest, Event: workflow.Submit}
	for k, reasons := range d.form {
		finding, ok := strings.CutPrefix(k, "contest.")
		if reason := strings.TrimSpace(reasons[0]); ok && reason != "" {
			m.Contest = append(m.Contest, workflow.Contest{Finding: finding, Reason: reason})
		}
	}
	if _, err := p.Desk.Move(c.Request().Context(), c.Actor, m); err != nil {
		return p.unsent(c, v, d, err)
	}
	return see(c, fmt.Sprintf("/items/%d?ok=sent", id))
}

// unsent shows the form again where the text was saved as v and yet not submitted.
func (p *Pages) unsent(c *gate.Call, v *workflow.View, d draft, err error) error {
	d.version, d.saved = v.Item.Version, true
	return p.unsaved(c, v, d, err)
}

// unsaved shows the form again with every reason and all that was typed. Where somebody else saved meanwhile it says who, and
// the form carries the new version, so that saving again is a decision.
func (p *Pages) unsaved(c *gate.Call, v *workflow.View, d draft, err error) error {
	status, code, rs, _ := gate.Answer(err)
	left, blank := errors.AsType[*unfilledError](err)
	if blank {
		status, code = http.StatusUnprocessableEntity, "unprocessable"
	}
	if status == http.StatusNotFound || status >= http.StatusInternalServerError || d.form == nil {
		return err
	}
	f, l, ferr := p.frame(c, tr(c.Words, "修改稿件"))
	if ferr != nil {
		return ferr
	}
	f.Note = refusal(c, code, rs)
	if blank {
		f.Note.Reasons = []string{l.t("还有没填的空，填好再提交：{0}", strings.Join(left.labels, l.t("、")))}
	}
	f.Note.Text = l.t("没有保存：{0}。改正后再保存，您填写的都在下面。", f.Note.Text)
	if d.saved {
		f.Note.Text = l.t("文字已保存（第 {0} 版），但没有提交。请按下面所列改正，再按“提交”。", v.Revision.N)
	}
	if errors.Is(err, workflow.ErrStale) && v != nil {
		d.version = v.Item.Version
		f.Note.Text = l.t("{0} 已于 {1} 保存了第 {2} 版。您的文字还在下面，没有丢；核对后再保存，就会成为新的一版。",
			v.Revision.ByName, l.when(v.Revision.At), v.Revision.N)
		f.Note.Reasons = nil
	}
	return p.editPage(c, status, f, l, v, d, l.faults(rs, d.content.Channels))
}

// Saved is the answer to an autosave.
type Saved struct {
	ID      workflow.ItemID `json:"id"`
	Version int64           `json:"version"`
	Digest  string          `json:"digest"`
	At      string          `json:"at"`
}

// autosave keeps the form as it stands. A new item is created once it has what an item needs; before that the answer is 422
// and the browser keeps the text.
func (p *Pages) autosave(c *gate.Call) error {
	d, err := readDraft(c)
	if err != nil {
		return p.notKept(c, err)
	}
	ctx := c.Request().Context()
	var v *workflow.View
	if c.Param("id") == "" {
		v, err = p.Desk.Create(ctx, c.Actor, d.content)
	} else {
		v, err = p.autosaved(ctx, c, d)
	}
	if err != nil {
		return p.notKept(c, err)
	}
	at := p.Now().In(zone).Format("15:04:05")
	return c.JSON(http.StatusOK, Saved{v.Item.ID, v.Item.Version, v.Item.Digest, at})
}

func (p *Pages) autosaved(ctx context.Context, c *gate.Call, d draft) (*workflow.View, error) {
	v, err := p.viewed(c)
	if err != nil {
		return nil, err
	}
	return p.keep(ctx, c.Actor, v, d)
}

// NotKept says why an autosave was refused.
type NotKept struct {
	Message string `json:"message"`
}

func (p *Pages) notKept(c *gate.Call, err error) error {
	status, code, rs, _ := gate.Answer(err)
	if status >= http.StatusInternalServerError {
		return err
	}
	msg := c.Words.Error(code)
	if len(rs) > 0 {
		msg = c.Words.Reason(rs[0])
	}
	return c.JSON(status, NotKept{msg})
}

// Scan is the live self-check.
type Scan struct {
	Failed   bool
	Unfilled []string // blanks of a template that still stand in the text
	Findings []Finding
}

// check scans the form as it stands and answers with the panel.
func (p *Pages) check(c *gate.Call) error {
	d, err := readDraft(c)
	if err != nil && !invalid(err) {
		return err
	}
	l, err := p.lens(c)
	if err != nil {
		return err
	}
	return p.show(c, http.StatusOK, "scan", p.scanOf(c, l, d.content))
}

func (p *Pages) scanOf(c *gate.Call, l *lens, content workflow.Content) *Scan {
	r, err := p.Desk.Check(c.Request().Context(), c.Actor, content)
	if err != nil {
		return &Scan{Failed: true, Unfilled: l.unfilled(content)}
	}
	s := &Scan{Unfilled: l.unfilled(content)}
	for i, f := range r.Findings {
		s.Findings = append(s.Findings, l.checked(i+1, f))
	}
	return s
}

func (l *lens) checked(n int, f review.Finding) Finding {
	return Finding{
		N: n, Level: string(f.Level), LevelName: l.Level(string(f.Level)), Kind: l.kind(f), Place: l.place(f.Part), Text: f.Text,
		Why: l.Said(f.Why), Suggest: l.Said(f.Suggest),
	}
}
