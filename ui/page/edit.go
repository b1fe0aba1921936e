package page

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Start is the choice of a template.
type Start struct {
	Frame
	Templates []Form
}

// Edit is the drafting page, of a new item (ID 0) or of one in draft or returned.
type Edit struct {
	Frame
	ID                 workflow.ItemID
	No, State, Tone    string
	Action, PersonID   string
	Version            int64
	Digest, Edited     string
	Template           string
	Blanks             []Blank
	Pattern            workflow.Template
	Content            workflow.Content
	ToolLabels         string
	Outlets            []Outlet
	Disclosures        []Option
	Columns            []Option
	Classes, Urgencies []Option
	SelfChecks         []Option
	Contests           []Contest
	Returned           *Back
	Scan               *Scan
	Files              Files
	Faults             map[string]string
}

// Fault is what is wrong with a field, or "".
func (d Edit) Fault(field string) string { return d.Faults[field] }

// Back says why an item came back.
type Back struct{ Title, Text string }

// Blank is one blank of a template. Type is the input's.
type Blank struct {
	ID, Label, Hint, Slot, Type, Value string // Slot is the name that stands in the text until it is filled
	Required                           bool
}

// hinted parts the example in brackets from a label.
func hinted(label string) (name, hint string) {
	i := strings.IndexAny(label, "（(")
	if i <= 0 {
		return label, ""
	}
	hint = strings.TrimSuffix(strings.TrimSuffix(label[i:], "）"), ")")
	return strings.TrimSpace(label[:i]), strings.TrimLeft(hint, "（(")
}

// Contest is a finding that sent the item back. May is false where it cannot be contested.
type Contest struct {
	Finding, Place, Text, Why, Reason string
	May                               bool
}

func (p *Pages) newItem(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "新建稿件"))
	if err != nil {
		return err
	}
	id := c.QueryParam("template")
	if id == "" {
		return p.show(c, http.StatusOK, "new", Start{f, l.forms()})
	}
	content := workflow.Content{Disclosure: workflow.Disclosure{Kind: "active"}, Class: workflow.Ordinary, Urgency: workflow.Normal}
	t, ok := l.template(id)
	switch {
	case ok:
		content = l.filled(t, nil)
	case id != "blank":
		return workflow.ErrMissing
	}
	return p.editPage(c, http.StatusOK, f, l, nil, draft{content: content, form: url.Values{"template": {t.ID}}}, nil)
}

// fill writes the template with what was filled in: the way without scripts. Nothing is saved.
func (p *Pages) fill(c *gate.Call) error {
	d, err := readDraft(c)
	if err != nil && !invalid(err) {
		return err
	}
	f, l, err := p.frame(c, tr(c.Words, "新建稿件"))
	if err != nil {
		return err
	}
	t, ok := l.template(d.form.Get("template"))
	if !ok {
		return workflow.ErrMissing
	}
	content := l.filled(t, d.form)
	content.SelfCheck = d.content.SelfCheck
	d.content = content
	return p.editPage(c, http.StatusOK, f, l, nil, d, nil)
}

func (p *Pages) edit(c *gate.Call) error {
	v, f, l, err := p.part(c, "修改稿件")
	if err != nil {
		return err
	}
	if !v.Editor {
		return see(c, itemPath(v.Item.ID))
	}
	return p.editPage(c, http.StatusOK, f, l, v, draft{content: v.Revision.Content, version: v.Item.Version}, nil)
}

// editPage shows the form with the content of d; v is nil for a new item, faults go by field.
func (p *Pages) editPage(c *gate.Call, status int, f Frame, l *lens, v *workflow.View, d draft, faults map[string]string) error {
	e := Edit{
		Frame: f, Action: "/items", PersonID: c.Actor.ID, Version: d.version, Content: d.content, Template: d.form.Get("template"),
		Faults: faults, ToolLabels: l.toolLabels(),
	}
	e.Scripts = []string{"js/edit.js"}
	if v != nil {
		it := v.Item
		e.ID, e.No, e.State, e.Tone, e.Digest = it.ID, l.no(it), l.State(it.State), tone(it.State), it.Digest
		e.Action, e.Edited = fmt.Sprintf("/items/%d/edit", it.ID), v.Revision.At.UTC().Format(time.RFC3339)
		e.Contests = l.contests(v, d.form)
		e.Files = Files{ID: it.ID, Version: it.Version, CSRF: f.CSRF, Editor: true, List: l.files(v)}
		if it.State == workflow.Returned {
			e.Returned = &Back{l.t("退回修改"), l.returned(v)}
		}
	}
	l.choices(&e)
	l.blanks(&e, d.form)
	e.Outlets = l.outlets(e)
	if strings.TrimSpace(d.content.Title+d.content.BodyHTML) != "" {
		e.Scan = p.scanOf(c, l, d.content)
	}
	return p.show(c, status, "edit", e)
}

// toolLabels are the names of the editor's buttons, in the order in which it has them.
func (l *lens) toolLabels() string {
	var out []string
	for _, s := range []string{"加粗", "小标题", "正文段", "项目", "编号", "插入表格", "加一行", "加一列", "删表格", "撤销", "重做"} {
		out = append(out, l.t(s))
	}
	return strings.Join(out, "|")
}

func (l *lens) choices(e *Edit) {
	c := e.Content
	for _, k := range []string{"active", "on_request", "none"} {
		e.Disclosures = append(e.Disclosures, Option{k, l.Disclosure(k), k == c.Disclosure.Kind})
	}
	for _, k := range l.setup.Columns {
		e.Columns = append(e.Columns, Option{k.ID, l.column(k.ID), k.ID == c.Column})
	}
	for _, k := range []workflow.Class{workflow.Ordinary, workflow.Important} {
		e.Classes = append(e.Classes, Option{string(k), l.Class(k), k == c.Class})
	}
	for _, k := range []workflow.Urgency{workflow.Normal, workflow.Urgent, workflow.Critical} {
		e.Urgencies = append(e.Urgencies, Option{string(k), l.Urgency(k), k == c.Urgency})
	}
	e.SelfChecks = l.selfChecks(c.SelfCheck)
}

func (l *lens) selfChecks(s workflow.SelfCheck) []Option {
	var out []Option
	for _, k := range []struct {
		key string
		on  bool
	}{
		{"no_secret", s.NoSecret},
		{"no_sensitive", s.NoSensitive},
		{"privacy_masked", s.PrivacyMasked},
		{"third_party", s.ThirdParty},
		{"accurate", s.Accurate},
	} {
		out = append(out, Option{k.key, l.SelfCheck(k.key), k.on})
	}
	return out
}

func (l *lens) blanks(e *Edit, f url.Values) {
	t, ok := l.template(e.Template)
	if !ok || e.ID != 0 {
		return
	}
	e.Pattern = t
	for _, x := range t.Fields {
		kind := x.Kind
		if kind != "date" && kind != "time" {
			kind = "text"
		}
		label, hint := hinted(l.either(x.Label, x.LabelEn))
		e.Blanks = append(e.Blanks, Blank{x.ID, label, hint, x.Label, kind, f.Get("blank." + x.ID), x.Required})
	}
}

func (l *lens) contests(v *workflow.View, f url.Values) []Contest {
	if v.Item.State != workflow.Returned && len(v.Revision.Contests) == 0 {
		return nil
	}
	var out []Contest
	for _, x := range contested(v) {
		k := Contest{x.Finding, l.place(x.Part), x.Text, l.Said(x.Why), x.Reason, x.Type != "malware"}
		if s := f.Get("contest." + x.Finding); s != "" {
			k.Reason = s
		}
		out = append(out, k)
	}
	return out
}

// contested is what sent the item back: of this revision, or of the one that was scanned last.
func contested(v *workflow.View) []workflow.Contested {
	var out []workflow.Contested
	for _, f := range v.Findings {
		if f.AutoReturn {
			out = append(out, workflow.Contested{Finding: f.ID, Type: f.Type, Rule: f.Rule, Part: f.Part, Text: f.Text, Why: f.Why, Reason: f.Contest})
		}
	}
	if len(v.Findings) == 0 {
		return v.Revision.Contests
	}
	return out
}

// faults turns reasons into what is wrong by field; those of a window go to its channel.
func (l *lens) faults(rs []workflow.Reason, ws []workflow.Window) map[string]string {
	out := map[string]string{}
	for _, r := range rs {
		field := r.Field
		if i, ok := strings.CutPrefix(field, "channels["); ok {
			i, _, _ = strings.Cut(i, "]")
			if n, err := strconv.Atoi(i); err == nil && n < len(ws) {
				field = "channel:" + ws[n].ID
			}
		}
		if (field == "from" || field == "until") && len(r.Args) > 0 {
			field = "channel:" + r.Args[0]
		}
		if r.Code == "self_check" {
			field = "self_check"
		}
		out[field] = strings.TrimSpace(out[field] + " " + l.Reason(r))
	}
	return out
}
