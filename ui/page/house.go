package page

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// HousePage is the house as it is configured, with a form for each thing that may change and what was proposed of it.
type HousePage struct {
	Frame
	Version          int64
	Waiting, Decided []Motioned
	Next             string
	MayPropose       bool
	Routes           []RouteForm
	Columns          []ColumnForm
	Channels         []FaceForm
	Years            []YearDays
	Day              DayForm
}

// Typed is what every form of the page has: what it is about, whether it was just refused, and what was typed as a reason.
type Typed struct {
	ID, CSRF, Reason string
	May, Open        bool
}

// RouteForm is a route with its steps and hours. Name is its version's, empty for a unit that has none yet.
type RouteForm struct {
	Typed
	Unit, Name, Steps string
	UnitStep          bool
	Hours             []HourField
}

// HourField is the limit of one state, as it is and as it was typed.
type HourField struct{ State, Label, Now, Value string }

// ColumnForm is a column with the kinds of channel on which it is important. ID is empty for a new one.
type ColumnForm struct {
	Typed
	NewID, Name, NameEn, Kinds string
	Important                  []Option
}

// FaceForm is what of a channel may change.
type FaceForm struct {
	Typed
	Name, NameEn, Kind, Days, Shown string
	Portal                          bool
}

// YearDays are the days of a year that are not as their weekday says, in spans.
type YearDays struct{ Year, Off, Worked string }

// DayForm is a change of one day.
type DayForm struct {
	Typed
	Date  string
	Kinds []Option
}

// houseFields are the fields of all forms; thing says which one was sent.
var houseFields = []string{"thing", "id", "new_id", "unit_step", "hours.*", "name", "name_en", "important+", "days", "date", "as", "reason"}

func (p *Pages) house(c *gate.Call) error { return p.housePage(c, http.StatusOK, nil, nil) }

func (p *Pages) housePage(c *gate.Call, status int, typed url.Values, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "流程与设置"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	d := HousePage{Frame: f, Version: l.setup.Version, MayPropose: anyRole(c.Actor, workflow.Furnishers)}
	waiting, decided, next, err := p.motions(c, workflow.HouseMotion, func(m workflow.Motion) Motioned { return l.houseMotion(m, f.CSRF) })
	if err != nil {
		return err
	}
	d.Waiting, d.Decided = waiting, decided
	if next > 0 {
		d.Next = asking("/admin/house", "before", itoa(next))
	}
	h := houseForms{l, d.MayPropose, f.CSRF, typed}
	d.Routes, d.Columns, d.Channels, d.Day = h.routes(), h.columns(), h.channels(), h.day()
	d.Years = years(l.setup)
	return p.show(c, status, "house", d)
}

// houseForms makes the forms, with what was typed in the one that was refused.
type houseForms struct {
	*lens
	may   bool
	csrf  string
	typed url.Values
}

func (h houseForms) form(thing, id string) Typed {
	t := Typed{ID: id, CSRF: h.csrf, May: h.may}
	if h.typed.Get("thing") == thing && h.typed.Get("id") == id {
		t.Open, t.Reason = true, h.typed.Get("reason")
	}
	return t
}

func (h houseForms) routes() (out []RouteForm) {
	for _, u := range h.setup.Units {
		i := slices.IndexFunc(h.setup.Routes, func(r workflow.Route) bool { return r.Unit == u.ID })
		r := workflow.Route{ID: u.ID, Unit: u.ID}
		if i >= 0 {
			r = h.setup.Routes[i]
		}
		f := RouteForm{Typed: h.form("route", r.ID), Unit: h.unit(u.ID), UnitStep: r.UnitStep}
		if i >= 0 {
			f.Name, f.Steps = routeName(r), h.steps(r)
		}
		if f.Open {
			f.UnitStep = h.typed.Get("unit_step") != ""
		}
		for _, s := range workflow.Timed {
			x := HourField{State: string(s), Label: h.State(s), Now: hoursOf(r, s)}
			if x.Value = x.Now; f.Open {
				x.Value = h.typed.Get("hours." + x.State)
			}
			f.Hours = append(f.Hours, x)
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b RouteForm) int { // units without a route, which publish nothing, come last
		return strings.Compare(strconv.FormatBool(a.Name == ""), strconv.FormatBool(b.Name == ""))
	})
	return out
}

func routeName(r workflow.Route) string { return r.ID + "@" + strconv.Itoa(r.Version) }

func hoursOf(r workflow.Route, s workflow.State) string {
	if n := r.Hours[s]; n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// steps are the steps of an ordinary item on r, in their order.
func (l *lens) steps(r workflow.Route) string {
	var out []string
	for _, s := range workflow.Timed {
		if s != workflow.Suspended && s != workflow.Countersign && (s != workflow.UnitCheck || r.UnitStep) {
			name := l.State(s)
			if s == workflow.ChiefApproval {
				name = l.t("{0}（重要）", name)
			}
			out = append(out, name)
		}
	}
	return strings.Join(out, " → ")
}

// hours are the limits of r in one line.
func (l *lens) hours(r workflow.Route) string {
	var out []string
	for _, s := range workflow.Timed {
		if n := r.Hours[s]; n > 0 {
			out = append(out, l.t("{0} {1} 小时", l.State(s), n))
		}
	}
	return strings.Join(out, l.t("、"))
}

func (h houseForms) columns() (out []ColumnForm) {
	for _, c := range append(slices.Clone(h.setup.Columns), workflow.Column{}) {
		f := ColumnForm{Typed: h.form("column", c.ID), Name: c.Name, NameEn: c.NameEn, Kinds: h.channelKinds(c.Important)}
		important := c.Important
		if f.Open {
			f.NewID, f.Name, f.NameEn, important = h.typed.Get("new_id"), h.typed.Get("name"), h.typed.Get("name_en"), h.typed["important"]
		}
		for _, k := range workflow.Kinds {
			f.Important = append(f.Important, Option{k, h.ChannelKind(k), slices.Contains(important, k)})
		}
		out = append(out, f)
	}
	return out
}

func (l *lens) channelKinds(ks []string) string {
	var out []string
	for _, k := range ks {
		out = append(out, l.ChannelKind(k))
	}
	return strings.Join(out, l.t("、"))
}

func (h houseForms) channels() (out []FaceForm) {
	for _, c := range h.setup.Channels {
		f := FaceForm{
			Typed: h.form("channel", c.ID), Name: c.Name, NameEn: c.NameEn, Kind: h.ChannelKind(c.Kind), Days: strconv.Itoa(c.Days),
			Portal: c.Kind == workflow.Portal, Shown: h.shownDays(c.Days),
		}
		if f.Open {
			f.Name, f.NameEn, f.Days = h.typed.Get("name"), h.typed.Get("name_en"), h.typed.Get("days")
		}
		out = append(out, f)
	}
	return out
}

func (l *lens) shownDays(n int) string {
	if n == 0 {
		return l.t("长期")
	}
	return l.t("{0} 天", n)
}

func (h houseForms) day() DayForm {
	f := DayForm{Typed: h.form("day", "")}
	as := workflow.DayOff
	if f.Open {
		f.Date, as = h.typed.Get("date"), h.typed.Get("as")
	}
	for _, k := range workflow.DayKinds {
		f.Kinds = append(f.Kinds, Option{k, h.dayKind(k), k == as})
	}
	return f
}

var dayNames = map[string]string{workflow.DayPlain: "按星期", workflow.DayOff: "放假", workflow.DayWorked: "上班"}

func (l *lens) dayKind(k string) string { return l.t(dayNames[k]) }

func (p *Pages) proposeHouse(c *gate.Call) error {
	v, err := c.Form(houseFields...)
	if err != nil {
		return err
	}
	part, err := typedPart(v)
	if err == nil {
		_, err = p.Desk.ProposeHouse(c.Request().Context(), c.Actor, part, v.Get("reason"))
	}
	return answered(c, err, "/admin/house?ok=proposed_house", func(status int, n *Note) error { return p.housePage(c, status, v, n) })
}

func (p *Pages) decideHouse(c *gate.Call) error {
	decide := func(id int64, approve bool, answer string) error {
		_, err := p.Desk.DecideHouse(c.Request().Context(), c.Actor, id, approve, answer)
		return err
	}
	return p.decideMotion(c, "/admin/house", decide, func(status int, n *Note) error { return p.housePage(c, status, nil, n) })
}
