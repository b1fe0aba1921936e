package seeds

import (
	"fmt"
	"time"
)

// Year is the arrangement of one year's public holidays. Provisional means that the State Council's arrangement was not
// yet known and only the statutory days are off.
type Year struct {
	Year        int
	Source      string
	Provisional bool
	Holidays    []Holiday
}

// Holiday is one span of days off, From and To included, with the weekend days that are worked in exchange. Days are
// written yyyy-mm-dd, in China's time.
type Holiday struct {
	Name   string
	NameEn string `toml:"name_en"`
	From   string
	To     string
	Worked []string
}

// Calendar returns the years that are known, oldest first. An error names the file and the day that is wrong.
func Calendar() ([]Year, error) {
	years, err := readAll[Year]("calendar")
	if err != nil {
		return nil, err
	}
	for _, y := range years {
		if _, _, err := y.Days(); err != nil {
			return nil, err
		}
	}
	return years, nil
}

// Days returns every day off and every weekend day worked, each written yyyy-mm-dd, in order. Weekends that belong to no
// holiday are not listed.
func (y Year) Days() (off, worked []string, err error) {
	for _, h := range y.Holidays {
		days, err := y.span(h)
		if err != nil {
			return nil, nil, fmt.Errorf("seeds: calendar %d, %s: %w", y.Year, h.Name, err)
		}
		off = append(off, days...)
		for _, w := range h.Worked {
			d, err := time.Parse(time.DateOnly, w)
			if err != nil || d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				return nil, nil, fmt.Errorf("seeds: calendar %d, %s: %q is no weekend day to work on", y.Year, h.Name, w)
			}
			worked = append(worked, w)
		}
	}
	return off, worked, nil
}

func (y Year) span(h Holiday) ([]string, error) {
	from, err := time.Parse(time.DateOnly, h.From)
	if err != nil {
		return nil, err
	}
	to, err := time.Parse(time.DateOnly, h.To)
	if err != nil {
		return nil, err
	}
	if to.Before(from) || from.Year() != y.Year || to.Year() != y.Year {
		return nil, fmt.Errorf("from %s to %s is no span of the year", h.From, h.To)
	}
	var days []string
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		days = append(days, d.Format(time.DateOnly))
	}
	return days, nil
}
