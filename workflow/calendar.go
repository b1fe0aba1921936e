package workflow

import "time"

// Beijing is the one time zone of the houses; a fixed offset needs no zone data on the host.
var Beijing = time.FixedZone("CST", 8*3600)

// Calendar counts working time: Monday to Friday but the holidays, and the days worked instead.
type Calendar struct{ off, on map[string]bool }

// The hours of a working day, from midnight in Beijing.
var hours = [][2]time.Duration{{9 * time.Hour, 12 * time.Hour}, {13*time.Hour + 30*time.Minute, 17*time.Hour + 30*time.Minute}}

// NewCalendar takes days as yyyy-mm-dd.
func NewCalendar(holidays, workdays []string) Calendar {
	c := Calendar{map[string]bool{}, map[string]bool{}}
	for _, d := range holidays {
		c.off[d] = true
	}
	for _, d := range workdays {
		c.on[d] = true
	}
	return c
}

// Works reports whether the day of t in Beijing is a working day.
func (c Calendar) Works(t time.Time) bool {
	t = t.In(Beijing)
	day := t.Format(time.DateOnly)
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return c.on[day] || !weekend && !c.off[day]
}

// Add returns when span of working time after from has passed, in UTC. It gives up after ten years without a working day.
func (c Calendar) Add(from time.Time, span time.Duration) time.Time {
	t := from.In(Beijing)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Beijing)
	for range 3660 {
		for _, h := range hours {
			start, end := day.Add(h[0]), day.Add(h[1])
			if start.Before(t) {
				start = t
			}
			if !c.Works(day) || !end.After(start) {
				continue
			}
			if room := end.Sub(start); span <= room {
				return start.Add(span).UTC()
			} else {
				span -= room
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return day.UTC()
}

// Days returns when the last working hour of the nth working day after that of from ends, in UTC.
func (c Calendar) Days(from time.Time, n int) time.Time {
	t := from.In(Beijing)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Beijing)
	for range 3660 {
		if n == 0 {
			break
		}
		if day = day.AddDate(0, 0, 1); c.Works(day) {
			n--
		}
	}
	return day.Add(hours[1][1]).UTC()
}
