package page

import (
	"slices"
	"strings"
	"time"

	"qingyang/workflow"
)

// years puts the calendar in spans, a line a year.
func years(s workflow.Setup) (out []YearDays) {
	of := func(days []string, year string) []string {
		return slices.DeleteFunc(slices.Clone(days), func(d string) bool { return !strings.HasPrefix(d, year+"-") })
	}
	var seen []string
	for _, d := range slices.Concat(s.Holidays, s.Workdays) {
		if y, _, _ := strings.Cut(d, "-"); !slices.Contains(seen, y) {
			seen = append(seen, y)
		}
	}
	slices.Sort(seen)
	for _, y := range seen {
		out = append(out, YearDays{y, runs(of(s.Holidays, y)), runs(of(s.Workdays, y))})
	}
	return out
}

// runs joins days that follow each other: 10-01 – 10-07.
func runs(days []string) string {
	slices.Sort(days)
	var out []string
	for i := 0; i < len(days); {
		k := i
		for k+1 < len(days) && follows(days[k], days[k+1]) {
			k++
		}
		span := days[i][len("2006-"):]
		if k > i {
			span += " – " + days[k][len("2006-"):]
		}
		out = append(out, span)
		i = k + 1
	}
	return strings.Join(out, "、")
}

func follows(a, b string) bool {
	t, err := time.Parse(time.DateOnly, a)
	return err == nil && t.AddDate(0, 0, 1).Format(time.DateOnly) == b
}
