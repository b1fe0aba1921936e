package page

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Ask is one field that a single event asks for. Kind is datetime, text, area, check or select; For names the event.
type Ask struct {
	Name, Label, Kind, Hint, Value, For, Fault string
	Options                                    []Option
}

// asked says how the own fields of events look; by the field's name in workflow.Needs.
var asked = map[string]struct{ label, kind, hint string }{
	"at":        {"发布时间", "datetime", "须在批准的时段之内"},
	"notice":    {"原处显示", "select", "门户上撤下之后"},
	"target":    {"替代内容的登记号", "text", "只在指向替代内容时填写"},
	"result":    {"结论", "select", ""},
	"question":  {"请示事项", "area", "不清楚是否属于国家秘密的内容和理由"},
	"ground":    {"依据", "text", "保密事项范围或有关规定"},
	"letter_no": {"请示文号", "text", "原件留存纸质"},
	"reply_no":  {"文号", "text", "只登记文号，原件留存纸质"},
	"passages":  {"不能公开的文字", "area", "照原文逐字，一行一处"},
	"mode":      {"处理方式", "select", "公众看得出此处有删节"},
	"to":        {"改派给", "select", ""},
	"person1":   {"会签人", "select", "其他单位的会签人"},
	"person2":   {"会签人二", "select", "没有可不选"},
	"person3":   {"会签人三", "select", "没有可不选"},
}

// ownFields are the form's names of them all.
var ownFields = slices.Sorted(maps.Keys(asked))

// fields adds the fields that only o asks for.
func (l *lens) fields(d *Decide, o workflow.Offer, k typed) {
	if len(o.Blocked) > 0 {
		return
	}
	for _, name := range formFields(o.Needs.Fields) {
		s, fault := asked[name], k.faults[name]
		if name == "person1" {
			fault = k.faults["persons"]
		}
		d.Asks = append(d.Asks, Ask{
			Name: name, Label: l.t(s.label), Kind: s.kind, Hint: l.t(s.hint), For: string(o.Event), Fault: fault,
			Value: written(k.move.Terms, name), Options: l.options(d, o.Event, name, written(k.move.Terms, name)),
		})
	}
}

// options are what may be chosen for a field of an event.
func (l *lens) options(d *Decide, e workflow.Event, name, chosen string) (out []Option) {
	switch name {
	case "notice":
		for _, n := range workflow.Notices {
			out = append(out, Option{n, l.Notice(n), n == chosen})
		}
	case "to", "person1", "person2", "person3":
		out = append(out, Option{"", l.t("请选择"), chosen == ""})
		for _, p := range d.named {
			out = append(out, Option{p.ID, p.Name + " · " + l.unit(p.Unit), p.ID == chosen})
		}
	case "mode":
		for _, m := range workflow.Modes {
			out = append(out, Option{m, l.Mode(m), m == chosen})
		}
	case "result":
		for _, r := range workflow.Results(e) {
			out = append(out, Option{r, l.Answer(r), r == chosen})
		}
	}
	return out
}

// formFields returns the form's fields for an event's: several persons are chosen one by one.
func formFields(fields []string) (out []string) {
	for _, f := range fields {
		if f == "persons" {
			out = append(out, "person1", "person2", "person3")
			continue
		}
		out = append(out, f)
	}
	return out
}

// texts are the fields that hold words, by name.
func texts(t *workflow.Terms) map[string]*string {
	return map[string]*string{"notice": &t.Notice, "target": &t.Target, "result": &t.Result, "to": &t.To, "question": &t.Question, "ground": &t.Ground, "letter_no": &t.LetterNo, "mode": &t.Mode, "reply_no": &t.ReplyNo}
}

// written is what a person typed into a field, as the field takes it.
func written(t workflow.Terms, name string) string {
	if s, ok := texts(&t)[name]; ok {
		return *s
	}
	if n, ok := strings.CutPrefix(name, "person"); ok {
		if i := int(n[0] - '1'); i < len(t.Persons) {
			return t.Persons[i]
		}
		return ""
	}
	if name == "passages" {
		return strings.Join(t.Passages, "\n")
	}
	if name == "at" && t.At != nil {
		return t.At.In(zone).Format(clock)
	}
	return ""
}

// termsOf reads the own fields of events from a form, of those that an event asks for.
func termsOf(f url.Values, fields []string) (t workflow.Terms, err error) {
	words := texts(&t)
	for _, name := range formFields(fields) {
		s := strings.TrimSpace(f.Get(name))
		if w, ok := words[name]; ok {
			*w = s
			continue
		}
		if s == "" {
			continue
		}
		if name == "passages" {
			for line := range strings.Lines(s) {
				if line = strings.TrimSpace(line); line != "" {
					t.Passages = append(t.Passages, line)
				}
			}
			continue
		}
		if strings.HasPrefix(name, "person") {
			t.Persons = append(t.Persons, s)
			continue
		}
		at, err := time.ParseInLocation(clock, s, zone)
		if err != nil {
			return t, gate.Invalid("unknown_value", name)
		}
		t.At = &at
	}
	return t, nil
}
