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
	"at":     {"发布时间", "datetime", "须在批准的时段之内"},
	"notice": {"原处显示", "select", "门户上撤下之后"},
	"target": {"替代内容的登记号", "text", "只在指向替代内容时填写"},
	"result": {"结论", "select", ""},
}

// ownFields are the form's names of them all.
var ownFields = slices.Sorted(maps.Keys(asked))

// fields adds the fields that only o asks for.
func (l *lens) fields(d *Decide, o workflow.Offer, k typed) {
	for _, name := range o.Needs.Fields {
		s := asked[name]
		d.Asks = append(d.Asks, Ask{
			Name: name, Label: l.t(s.label), Kind: s.kind, Hint: l.t(s.hint), For: string(o.Event), Fault: k.faults[name],
			Value: written(k.move.Terms, name), Options: l.options(o.Event, name, written(k.move.Terms, name)),
		})
	}
}

// options are what may be chosen for a field of an event.
func (l *lens) options(e workflow.Event, name, chosen string) (out []Option) {
	switch name {
	case "notice":
		for _, n := range workflow.Notices {
			out = append(out, Option{n, l.Notice(n), n == chosen})
		}
	case "result":
		for _, r := range workflow.Results(e) {
			out = append(out, Option{r, l.Answer(r), r == chosen})
		}
	}
	return out
}

// texts are the fields that hold words, by name.
func texts(t *workflow.Terms) map[string]*string {
	return map[string]*string{"notice": &t.Notice, "target": &t.Target, "result": &t.Result}
}

// written is what a person typed into a field, as the field takes it.
func written(t workflow.Terms, name string) string {
	if s, ok := texts(&t)[name]; ok {
		return *s
	}
	if name == "at" && t.At != nil {
		return t.At.In(zone).Format(clock)
	}
	return ""
}

// termsOf reads the own fields of events from a form, of those that an event asks for.
func termsOf(f url.Values, fields []string) (t workflow.Terms, err error) {
	words := texts(&t)
	for _, name := range fields {
		s := strings.TrimSpace(f.Get(name))
		if w, ok := words[name]; ok {
			*w = s
			continue
		}
		if s == "" {
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
