package seeds

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/BurntSushi/toml"

	"qingyang/workflow"
)

// houseFile is a house in one file: what routes/house.toml has, with its columns, and whether antivirus is on.
type houseFile struct {
	house
	Antivirus string
	Columns   []column
}

// House returns the configuration that text describes, in TOML: house, house_en, series, antivirus, units, channels,
// routes and columns as routes/house.toml and routes/columns.toml write them. The templates whose column and channels the
// house has, and the working days, are the built-in ones. The error lists everything that is wrong, not only the first.
func House(text string) (workflow.Setup, error) {
	var f houseFile
	meta, err := toml.Decode(text, &f)
	if err != nil {
		return workflow.Setup{}, fmt.Errorf("house: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return workflow.Setup{}, fmt.Errorf("house: 未知的键 (unknown key) %s", unknown[0])
	}
	s := f.setup()
	s.Antivirus = cmp.Or(f.Antivirus, "on")
	for _, c := range f.Columns {
		s.Columns = append(s.Columns, workflow.Column{ID: c.ID, Name: c.Name, NameEn: c.NameEn, Important: c.Important, ReviewDays: c.ReviewDays})
	}
	if err := errors.Join(wrong(s)...); err != nil {
		return workflow.Setup{}, fmt.Errorf("house: %w", err)
	}
	return furnished(s)
}

// furnished adds the built-in templates that fit and the working days.
func furnished(s workflow.Setup) (workflow.Setup, error) {
	if err := addTemplates(&s); err != nil {
		return workflow.Setup{}, err
	}
	fits := func(t workflow.Template) bool {
		return slices.ContainsFunc(s.Columns, func(c workflow.Column) bool { return c.ID == t.Column })
	}
	has := func(id string) bool {
		return slices.ContainsFunc(s.Channels, func(c workflow.Channel) bool { return c.ID == id })
	}
	var kept []workflow.Template
	for _, t := range s.Templates {
		t.Channels = slices.DeleteFunc(t.Channels, func(id string) bool { return !has(id) })
		if fits(t) && len(t.Channels) > 0 {
			kept = append(kept, t)
		}
	}
	s.Templates = kept
	return s, addDays(&s)
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// faults collects what is wrong with a house, and which ids of one list were seen.
type faults struct {
	errs []error
	seen map[string]bool
}

func (f *faults) unless(ok bool, format string, args ...any) {
	if !ok {
		f.errs = append(f.errs, fmt.Errorf(format, args...))
	}
}

// id asks for a form that addresses and file names bear, once in its list.
func (f *faults) id(list, id, name string) {
	f.unless(idForm.MatchString(id), "%s: id %q 应为小写字母、数字和连字符 (want lower-case letters, digits, hyphens)", list, id)
	f.unless(!f.seen[list+" "+id], "%s: id %q 重复 (twice)", list, id)
	f.unless(name != "", "%s %q: 缺少 name (missing)", list, id)
	f.seen[list+" "+id] = true
}

// wrong returns all that keeps s from working.
func wrong(s workflow.Setup) []error {
	f := &faults{seen: map[string]bool{}}
	f.unless(s.House != "", "缺少 house：单位名称 (the name of the centre)")
	f.unless(s.Series != "", "缺少 series：登记号的机关代字 (the prefix of register numbers)")
	f.unless(s.Antivirus == "on" || s.Antivirus == "off", "antivirus 应为 on 或 off (want on or off): %q", s.Antivirus)
	f.unless(len(s.Units) > 0 && len(s.Channels) > 0 && len(s.Routes) > 0 && len(s.Columns) > 0,
		"units、channels、routes、columns 各须至少一项 (each needs one entry)")
	for _, u := range s.Units {
		f.id("units", u.ID, u.Name)
	}
	for _, c := range s.Columns {
		f.id("columns", c.ID, c.Name)
		for _, k := range c.Important {
			f.unless(slices.Contains(workflow.Kinds, k), "columns %q: important 中没有渠道类型 (no kind of channel) %q", c.ID, k)
		}
	}
	for _, c := range s.Channels {
		f.channel(c)
	}
	routed := map[string]bool{}
	for _, r := range s.Routes {
		f.route(r, routed[r.Unit])
		routed[r.Unit] = true
	}
	return f.errs
}

// channel asks for the size and the device key of a screen. The keys of the demo house are known to everybody.
func (f *faults) channel(c workflow.Channel) {
	f.id("channels", c.ID, c.Name)
	f.unless(slices.Contains(workflow.Kinds, c.Kind), "channels %q: kind %q 应为 (want one of) %v", c.ID, c.Kind, workflow.Kinds)
	f.unless(c.Days >= 0, "channels %q: days %d", c.ID, c.Days)
	if c.Kind == workflow.Portal {
		f.unless(c.Key == "" && c.Width == 0 && c.Height == 0, "channels %q: 门户没有 key、width、height (a portal has none)", c.ID)
		return
	}
	f.unless(len(c.Key) >= 16, "channels %q: 设备密钥 key 至少 16 个字符 (at least 16 characters)", c.ID)
	f.unless(c.Width > 0 && c.Height > 0, "channels %q: 缺少 width、height (missing)", c.ID)
}

func (f *faults) route(r workflow.Route, again bool) {
	f.unless(idForm.MatchString(r.ID) && !f.seen["routes "+r.ID], "routes: id %q", r.ID)
	f.seen["routes "+r.ID] = true
	f.unless(r.Version >= 1, "routes %q: version 从 1 起 (begins at 1)", r.ID)
	f.unless(f.seen["units "+r.Unit], "routes %q: 没有这个单位 (no such unit) %q", r.ID, r.Unit)
	f.unless(!again, "routes %q: 单位 %q 已有流程 (the unit has a route)", r.ID, r.Unit)
	for state, hours := range r.Hours {
		f.unless(slices.Contains(workflow.Timed, state) && hours > 0, "routes %q: hours %s = %d", r.ID, state, hours)
	}
}
