package seeds

import (
	"regexp"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"qingyang/workflow"
)

// Mutant: drop a worked weekend day or shorten a holiday, and the count of working days changes.
func TestCalendarWorkingDays(t *testing.T) {
	years, err := Calendar()
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int{2026: 248, 2027: 248}
	for _, y := range years {
		off, on, err := y.Days()
		if err != nil {
			t.Fatal(err)
		}
		cal, n := workflow.NewCalendar(off, on), 0
		for d := time.Date(y.Year, 1, 1, 12, 0, 0, 0, workflow.Beijing); d.Year() == y.Year; d = d.AddDate(0, 0, 1) {
			if cal.Works(d) {
				n++
			}
		}
		if n != want[y.Year] {
			t.Errorf("%d has %d working days, want %d", y.Year, n, want[y.Year])
		}
		delete(want, y.Year)
	}
	if len(want) > 0 {
		t.Errorf("years without data: %v", want)
	}
}

func TestCalendar2026Worked(t *testing.T) {
	var y Year
	if err := read("calendar/2026.toml", &y); err != nil {
		t.Fatal(err)
	}
	_, worked, err := y.Days()
	want := []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
	if err != nil || !slices.Equal(worked, want) || y.Provisional {
		t.Errorf("worked %v, provisional %v, %v; want %v", worked, y.Provisional, err, want)
	}
}

func TestYearRefuses(t *testing.T) {
	for name, h := range map[string]Holiday{
		"backwards":      {From: "2026-05-05", To: "2026-05-01"},
		"another year":   {From: "2025-12-31", To: "2026-01-01"},
		"no date":        {From: "2026-02-30", To: "2026-03-01"},
		"worked weekday": {From: "2026-05-01", To: "2026-05-01", Worked: []string{"2026-05-06"}},
	} {
		if _, _, err := (Year{Year: 2026, Holidays: []Holiday{h}}).Days(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadRefusesUnknownKey(t *testing.T) {
	var out struct{ Year int }
	if err := read("calendar/2026.toml", &out); err == nil {
		t.Error("keys that the struct does not know were dropped silently")
	}
}

func TestDemoChannels(t *testing.T) {
	s, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	want := []workflow.Channel{
		{ID: "portal", Name: "中心门户网站", NameEn: "Portal", Kind: "portal", State: "live"},
		{ID: "led", Name: "办事大厅LED显示屏", NameEn: "LED strip in the hall", Kind: "led", State: "live", Width: 640, Height: 64, Key: "demo-led", Days: 30},
		{ID: "tv", Name: "办事大厅液晶电视", NameEn: "Lobby television", Kind: "tv", State: "live", Width: 1920, Height: 1080, Key: "demo-tv", Days: 30},
		{ID: "kiosk", Name: "市民之窗自助终端", NameEn: "Self-service kiosk", Kind: "kiosk", State: "live", Width: 1080, Height: 1920, Key: "demo-kiosk", Days: 30},
	}
	if !slices.Equal(s.Channels, want) {
		t.Errorf("channels\n%+v\nwant\n%+v", s.Channels, want)
	}
	if !s.Demo || s.Antivirus != "off" || s.House == "" || s.Series == "" {
		t.Errorf("demo %v, antivirus %q, house %q, series %q", s.Demo, s.Antivirus, s.House, s.Series)
	}
}

func TestDemoRoutesAndColumns(t *testing.T) {
	s, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]bool{}
	for _, u := range s.Units {
		units[u.ID] = u.Name != "" && u.NameEn != ""
	}
	for _, r := range s.Routes {
		if !units[r.Unit] || !r.UnitStep || r.Version != 1 || r.Hours[workflow.SecrecyReview] != 14 {
			t.Errorf("route %+v", r)
		}
	}
	important := map[string][]string{}
	for _, c := range s.Columns {
		important[c.ID] = c.Important
	}
	if n, p := important["notice"], important["personnel"]; len(n) != 0 || !slices.Contains(p, workflow.Portal) {
		t.Errorf("notice is important on %v, personnel on %v", n, p)
	}
	if len(s.Routes) != 2 || len(s.Columns) != 6 {
		t.Errorf("%d routes, %d columns", len(s.Routes), len(s.Columns))
	}
}

var slot = regexp.MustCompile(`\{\{\.([a-z_]+)\}\}`)

// Mutant: rename a field, and its slot stays empty on every notice made from the template.
func TestTemplateSlotsHaveFields(t *testing.T) {
	s, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Templates) != 7 {
		t.Errorf("%d templates", len(s.Templates))
	}
	for _, tm := range s.Templates {
		var used, known []string
		for _, m := range slot.FindAllStringSubmatch(tm.Title+tm.Body+tm.Summary+tm.Strip, -1) {
			used = append(used, m[1])
		}
		for _, f := range tm.Fields {
			known = append(known, f.ID)
			if !slices.Contains([]string{"date", "time", "text", "place"}, f.Kind) || f.Label == "" || f.LabelEn == "" {
				t.Errorf("%s: field %+v", tm.ID, f)
			}
		}
		slices.Sort(used)
		slices.Sort(known)
		if used = slices.Compact(used); !slices.Equal(used, known) {
			t.Errorf("%s: slots %v, fields %v", tm.ID, used, known)
		}
		if n := utf8.RuneCountInString(tm.Strip); n == 0 || n > workflow.MaxStrip {
			t.Errorf("%s: strip of %d characters", tm.ID, n)
		}
	}
}

func TestTemplatesFitTheHouse(t *testing.T) {
	s, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	for _, tm := range s.Templates {
		if !slices.ContainsFunc(s.Columns, func(c workflow.Column) bool { return c.ID == tm.Column }) {
			t.Errorf("%s: column %q", tm.ID, tm.Column)
		}
		for _, id := range tm.Channels {
			if !slices.ContainsFunc(s.Channels, func(c workflow.Channel) bool { return c.ID == id }) {
				t.Errorf("%s: channel %q", tm.ID, id)
			}
		}
	}
}
