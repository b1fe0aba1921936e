package workflow

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// HousePart is one thing of the configuration that may change; exactly one field is set, none of what is not there yet.
type HousePart struct {
	Route   *Route       `json:"route,omitempty"`
	Column  *Column      `json:"column,omitempty"`
	Channel *ChannelFace `json:"channel,omitempty"`
	Day     *Day         `json:"day,omitempty"`
}

// ChannelFace is what of a channel may change without anybody's touching a screen: its names, and for how many days it shows
// an item that names no end; 0 for ever, which only a portal may.
type ChannelFace struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Days   int    `json:"days"`
}

// Day is one day of the calendar, as yyyy-mm-dd in Beijing. As says what it is: off, worked, or as its weekday is.
type Day struct {
	Date string `json:"date"`
	As   string `json:"as"`
}

// What a day may be.
const (
	DayPlain  = "plain"
	DayOff    = "off"
	DayWorked = "worked"
)

// DayKinds are all of them; Kinds those of channels.
var (
	DayKinds = []string{DayPlain, DayOff, DayWorked}
	Kinds    = []string{Portal, LED, TV, Kiosk, Wayfinding}
)

// Timed are the states whose limits a route sets: those that wait for people.
var Timed = []State{UnitCheck, SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Suspended}

// HouseChange is a part as it shall be beside what it was when it was proposed.
type HouseChange struct {
	Now HousePart `json:"now"`
	Was HousePart `json:"was"`
}

// Subject names the thing that p is.
func (p HousePart) Subject() string {
	switch {
	case p.Route != nil:
		return "route " + p.Route.ID
	case p.Column != nil:
		return "column " + p.Column.ID
	case p.Channel != nil:
		return "channel " + p.Channel.ID
	case p.Day != nil:
		return "day " + p.Day.Date
	}
	return ""
}

// part returns what s has of the thing that p is; the zero part if it has none.
func (s Setup) part(p HousePart) HousePart {
	switch {
	case p.Route != nil:
		if i := s.routeAt(p.Route.ID); i >= 0 {
			return HousePart{Route: &s.Routes[i]}
		}
	case p.Column != nil:
		if i := s.columnAt(p.Column.ID); i >= 0 {
			return HousePart{Column: &s.Columns[i]}
		}
	case p.Channel != nil:
		if c, ok := s.channel(p.Channel.ID); ok {
			return HousePart{Channel: &ChannelFace{c.ID, c.Name, c.NameEn, c.Days}}
		}
	case p.Day != nil:
		return HousePart{Day: &Day{p.Day.Date, s.day(p.Day.Date)}}
	}
	return HousePart{}
}

func (s Setup) routeAt(id string) int {
	return slices.IndexFunc(s.Routes, func(r Route) bool { return r.ID == id })
}

func (s Setup) columnAt(id string) int {
	return slices.IndexFunc(s.Columns, func(c Column) bool { return c.ID == id })
}

func (s Setup) day(date string) string {
	switch {
	case slices.Contains(s.Holidays, date):
		return DayOff
	case slices.Contains(s.Workdays, date):
		return DayWorked
	}
	return DayPlain
}

// with returns s with p in place of what it had. A route's former version leaves s, not the store: items keep it.
func (s Setup) with(p HousePart) Setup {
	switch {
	case p.Route != nil:
		s.Routes = placed(s.Routes, s.routeAt(p.Route.ID), *p.Route)
	case p.Column != nil:
		s.Columns = placed(s.Columns, s.columnAt(p.Column.ID), *p.Column)
	case p.Channel != nil:
		s.Channels = slices.Clone(s.Channels)
		for i := range s.Channels {
			if c := &s.Channels[i]; c.ID == p.Channel.ID {
				c.Name, c.NameEn, c.Days = p.Channel.Name, p.Channel.NameEn, p.Channel.Days
			}
		}
	case p.Day != nil:
		s.Holidays = dated(s.Holidays, p.Day.Date, p.Day.As == DayOff)
		s.Workdays = dated(s.Workdays, p.Day.Date, p.Day.As == DayWorked)
	}
	return s
}

// placed returns a copy of list with v at i, or after all others if i is -1.
func placed[T any](list []T, i int, v T) []T {
	list = slices.Clone(list)
	if i < 0 {
		return append(list, v)
	}
	list[i] = v
	return list
}

// dated returns a sorted copy of days that has date or has not.
func dated(days []string, date string, in bool) []string {
	days = slices.DeleteFunc(slices.Clone(days), func(d string) bool { return d == date })
	if in {
		days = append(days, date)
		slices.Sort(days)
	}
	return days
}

// changing returns the change that makes p of what s has: a route gets its next version, texts are trimmed.
func (s Setup) changing(p HousePart) HouseChange {
	c := HouseChange{Now: p, Was: s.part(p)}
	switch {
	case p.Route != nil:
		r := *p.Route
		r.Version = 1
		if c.Was.Route != nil {
			r.Version, r.Unit = c.Was.Route.Version+1, c.Was.Route.Unit
		}
		c.Now.Route = &r
	case p.Column != nil:
		x := *p.Column
		x.ID, x.Name, x.NameEn = strings.TrimSpace(x.ID), strings.TrimSpace(x.Name), strings.TrimSpace(x.NameEn)
		c.Now.Column = &x
		c.Was = s.part(c.Now)
	case p.Channel != nil:
		x := *p.Channel
		x.Name, x.NameEn = strings.TrimSpace(x.Name), strings.TrimSpace(x.NameEn)
		c.Now.Channel = &x
	}
	return c
}

// idle reports whether c changes nothing.
func (c HouseChange) idle() bool {
	now := c.Now
	if now.Route != nil && c.Was.Route != nil {
		r := *now.Route
		r.Version = c.Was.Route.Version
		now.Route = &r
	}
	return sum(now) == sum(c.Was)
}

const (
	maxName  = 40   // characters of a name of a column or a channel
	maxHours = 700  // working hours, a hundred days
	maxDays  = 3650 // of a channel's default window
)

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// judge returns every reason against c in the house s on the given day.
func (c HouseChange) judge(s Setup, today string) []Reason {
	f := faults{}
	switch p := c.Now; {
	case p.Route != nil:
		f.route(*p.Route, s)
	case p.Column != nil:
		f.column(*p.Column)
	case p.Channel != nil:
		f.face(*p.Channel, s)
	case p.Day != nil:
		f.day(*p.Day, today)
	default:
		f.add("change_missing", "")
	}
	if len(f.rs) == 0 && c.idle() {
		f.add("house_same", "")
	}
	return f.rs
}

func (f *faults) route(r Route, s Setup) {
	if !slices.ContainsFunc(s.Units, func(u Unit) bool { return u.ID == r.Unit }) {
		f.add("unit_unknown", "unit")
	}
	if i := slices.IndexFunc(s.Routes, func(x Route) bool { return x.Unit == r.Unit }); i >= 0 && s.Routes[i].ID != r.ID {
		f.add("route_twice", "unit")
	}
	if !idForm.MatchString(r.ID) {
		f.add("id_form", "id")
	}
	for state, h := range r.Hours {
		if !slices.Contains(Timed, state) || h < 1 || h > maxHours {
			f.add("hours_range", "hours", string(state), strconv.Itoa(maxHours))
		}
	}
}

func (f *faults) named(name, nameEn string) {
	if name == "" {
		f.add("missing", "name")
	}
	for _, n := range []string{name, nameEn} {
		if utf8.RuneCountInString(n) > maxName || !clean(n) {
			f.add("too_long", "name", strconv.Itoa(maxName))
		}
	}
}

func (f *faults) column(c Column) {
	if !idForm.MatchString(c.ID) {
		f.add("id_form", "id")
	}
	f.named(c.Name, c.NameEn)
	for _, k := range c.Important {
		f.oneOf("kind", k, Kinds...)
	}
}

func (f *faults) face(c ChannelFace, s Setup) {
	now, ok := s.channel(c.ID)
	if !ok {
		f.add("channel_unknown", "channel")
		return
	}
	f.named(c.Name, c.NameEn)
	if c.Days < 0 || c.Days > maxDays || c.Days == 0 && now.Kind != Portal {
		f.add("days_range", "days", strconv.Itoa(maxDays))
	}
}

// day: a day off falls on a weekday and a worked one on a weekend, or it would say nothing; what is over stays as it was.
func (f *faults) day(d Day, today string) {
	t, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		f.add("unfit_value", "date")
		return
	}
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	switch {
	case !slices.Contains(DayKinds, d.As):
		f.oneOf("as", d.As, DayKinds...)
	case d.As == DayWorked && !weekend:
		f.add("day_idle", "as")
	case d.Date < today:
		f.add("day_past", "date")
	}
}
