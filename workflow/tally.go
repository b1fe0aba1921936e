package workflow

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Period is a calendar month or year of 登记台账, in the time zone of the house. From is its first moment, To the first after it.
type Period struct {
	Name     string // 2026 or 2026-11
	From, To time.Time
}

var periodForm = regexp.MustCompile(`^(20\d\d)(?:-(0[1-9]|1[0-2]))?$`)

// ParsePeriod returns the year "2026" or the month "2026-11" in zone; false for anything else.
func ParsePeriod(s string, zone *time.Location) (Period, bool) {
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		return Period{}, false
	}
	year, _ := strconv.Atoi(m[1])
	if m[2] == "" {
		from := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
		return Period{s, from, from.AddDate(1, 0, 0)}, true
	}
	month, _ := strconv.Atoi(m[2])
	from := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, zone)
	return Period{s, from, from.AddDate(0, 1, 0)}, true
}

// Holds reports whether t lies in p.
func (p Period) Holds(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }

// Tally counts the numbers that one unit was given in a period, by what became of them so far. Every number is in exactly one of
// Void, Shown, Down, Over and Waiting.
type Tally struct {
	Unit, Name string
	Registered int
	Void       int // 号已作废
	Shown      int // 现在公开
	Down       int // 紧急下线、撤稿、被替代、封存
	Over       int // 到期
	Waiting    int // 登记后尚未发布
}

// Nil reports whether the unit has nothing to report (零报告).
func (t Tally) Nil() bool { return t.Registered == 0 }

func (t *Tally) count(l RegisterLine) {
	t.Registered++
	switch {
	case l.Void:
		t.Void++
	case l.State == Published:
		t.Shown++
	case l.State == Expired:
		t.Over++
	case l.Published.IsZero():
		t.Waiting++
	default:
		t.Down++
	}
}

// Summary is 汇总表 of a period: a line for every unit, those with nothing to report too, and their sum.
type Summary struct {
	Period      Period
	Units       []Tally
	Sum         Tally
	First, Last string // the numbers given first and last; empty for none
}

// summarise counts lines, newest first, all of the period. A unit that the house no longer has keeps its line.
func summarise(p Period, units []Unit, lines []RegisterLine) Summary {
	s := Summary{Period: p}
	for _, u := range units {
		s.Units = append(s.Units, Tally{Unit: u.ID, Name: u.Name})
	}
	for _, l := range lines {
		i := slices.IndexFunc(s.Units, func(t Tally) bool { return t.Unit == l.Unit })
		if i < 0 {
			i = len(s.Units)
			s.Units = append(s.Units, Tally{Unit: l.Unit, Name: l.Unit})
		}
		s.Units[i].count(l)
		s.Sum.count(l)
		s.First = l.Number
		if s.Last == "" {
			s.Last = l.Number
		}
	}
	return s
}

// Summary returns 汇总表 of p, to those who may read the register.
func (d *Desk) Summary(ctx context.Context, a Actor, p Period) (Summary, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return Summary{}, err
	}
	lines, err := d.RegisterOf(ctx, a, p)
	if err != nil {
		return Summary{}, err
	}
	return summarise(p, setup.drafting(), lines), nil
}

// drafting returns the units that publish: those with a route. Only they owe a report.
func (s Setup) drafting() []Unit {
	return slices.DeleteFunc(slices.Clone(s.Units), func(u Unit) bool { return s.routeOf(u.ID) == "" })
}

// RegisterOf returns the lines of 登记台账 of p, newest first, as RegisterBook gives them. A zero To means without end.
func (d *Desk) RegisterOf(ctx context.Context, a Actor, p Period) ([]RegisterLine, error) {
	var out []RegisterLine
	for after := ""; ; {
		lines, next, err := d.RegisterBook(ctx, a, after, 200)
		if err != nil {
			return nil, fmt.Errorf("register of %q: %w", p.Name, err)
		}
		for _, l := range lines {
			if l.At.Before(p.From) {
				return out, nil
			}
			if p.To.IsZero() || p.Holds(l.At) {
				out = append(out, l)
			}
		}
		if next == "" || next == after {
			return out, nil
		}
		after = next
	}
}
