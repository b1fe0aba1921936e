package page

import (
	"net/url"
	"slices"
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
	"at": {"发布时间", "datetime", "须在批准的时段之内"},
}

// ownFields are the form's names of them all.
var ownFields = []string{"at"}

// fields adds the fields that only o asks for.
func (l *lens) fields(d *Decide, o workflow.Offer, k typed) {
	for _, name := range o.Needs.Fields {
		s := asked[name]
		d.Asks = append(d.Asks, Ask{
			Name: name, Label: l.t(s.label), Kind: s.kind, Hint: l.t(s.hint), For: string(o.Event), Fault: k.faults[name],
			Value: written(k.move.Terms, name),
		})
	}
}

// written is what a person typed into a field, as the field takes it.
func written(t workflow.Terms, name string) string {
	if name == "at" && t.At != nil {
		return t.At.In(zone).Format(clock)
	}
	return ""
}

// termsOf reads the own fields of events from a form.
func termsOf(f url.Values) (t workflow.Terms, err error) {
	if s := f.Get("at"); s != "" {
		at, err := time.ParseInLocation(clock, s, zone)
		if err != nil {
			return t, gate.Invalid("unknown_value", "at")
		}
		t.At = &at
	}
	return t, nil
}

// only drops from t what an event does not ask for.
func only(t workflow.Terms, fields []string) (out workflow.Terms) {
	if slices.Contains(fields, "at") {
		out.At = t.At
	}
	return out
}
