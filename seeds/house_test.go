package seeds

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"qingyang/workflow"
)

// demoFile is the demo house as one file, with keys that a real house may have.
func demoFile(t testing.TB) string {
	t.Helper()
	house, err := os.ReadFile("routes/house.toml")
	if err != nil {
		t.Fatal(err)
	}
	columns, err := os.ReadFile("routes/columns.toml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(house) + string(columns)
	for _, id := range []string{"led", "tv", "kiosk"} {
		text = strings.ReplaceAll(text, `"demo-`+id+`"`, `"0123456789abcdef-`+id+`"`)
	}
	return text
}

// TestHouse: the demo's own files make the demo house, but for its keys, its stamp and its antivirus.
func TestHouse(t *testing.T) {
	want, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	want.Demo, want.Antivirus = false, "on"
	for i, c := range want.Channels {
		if c.Key != "" {
			want.Channels[i].Key = "0123456789abcdef-" + c.ID
		}
	}
	got, err := House(demoFile(t))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v\nwant\n%+v", err, got, want)
	}
	few, err := House(strings.ReplaceAll(demoFile(t), `id = "led"`, `id = "strip"`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tm := range few.Templates {
		if slices.Contains(tm.Channels, "led") || tm.ID == "strip" {
			t.Errorf("template %s is for a channel that the house lacks: %v", tm.ID, tm.Channels)
		}
	}
	if len(few.Templates) != 6 {
		t.Errorf("%d templates", len(few.Templates))
	}
}

// TestHouseRefuses names the rule that each mistake breaks; the last one breaks two, and both are said.
func TestHouseRefuses(t *testing.T) {
	good := demoFile(t)
	for _, x := range []struct{ old, new, want string }{
		{`series = "示政服审"`, ``, "缺少 series"},
		{`house = "示例市人民政府行政服务中心"`, ``, "缺少 house"},
		{`series =`, "antivirus = \"maybe\"\nseries =", "antivirus"},
		{`series =`, "colour = \"red\"\nseries =", "unknown key"},
		{`kind = "tv"`, `kind = "radio"`, `kind "radio"`},
		{`key = "0123456789abcdef-tv"`, `key = "demo-tv"`, "至少 16 个字符"},
		{"id = \"tv\"\n", "id = \"led\"\n", "重复"},
		{"id = \"tv\"\n", "id = \"../tv\"\n", "小写字母"},
		{"width = 1920\n", "", "缺少 width"},
		{`kind = "portal"`, "kind = \"portal\"\nwidth = 3", "门户没有"},
		{`unit = "window-b"`, `unit = "window-a"`, "已有流程"},
		{`unit = "window-b"`, `unit = "nowhere"`, "没有这个单位"},
		{"version = 1", "version = 0", "version 从 1 起"},
		{"hours = { unit_check = 7,", "hours = { unit_check = 0,", "unit_check = 0"},
		{"hours = { unit_check = 7,", "hours = { published = 7,", "published = 7"},
		{`important = ["led", "tv"]`, `important = ["radio"]`, `important 中没有`},
		{`name = "通知公告"`, "", `columns "notice": 缺少 name`},
		{"house = ", "house = [", "house"},
	} {
		if !strings.Contains(good, x.old) {
			t.Fatalf("%q is not in the file", x.old)
		}
		_, err := House(strings.Replace(good, x.old, x.new, 1))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s for %s: %v, want %s", x.new, x.old, err, x.want)
		}
	}
	_, err := House(`house = "x"`)
	if err == nil || !strings.Contains(err.Error(), "series") || !strings.Contains(err.Error(), "各须至少一项") {
		t.Errorf("two mistakes: %v", err)
	}
}

// FuzzHouse: whatever is accepted has ids that addresses and file names bear, and a key for each screen.
func FuzzHouse(f *testing.F) {
	f.Add(demoFile(f))
	f.Add(`house = "x"`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := House(text)
		if err != nil {
			return
		}
		for _, c := range s.Channels {
			if !idForm.MatchString(c.ID) || (c.Kind == workflow.Portal) != (c.Key == "") {
				t.Errorf("%+v", c)
			}
		}
	})
}
