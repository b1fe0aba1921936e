package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
)

// visits are the pages that each of the staff opens in a house full of samples. {state} stands for an item in that state.
var visits = []struct {
	who   string
	pages []string
}{
	{"wang", []string{
		"/", "/inbox", "/inbox/done", "/inbox/mine", "/inbox/drafts", "/items", "/items?state=published", "/items/new",
		"/items/new?template=holiday", "/items/new?template=blank", "/search?q=" + url.QueryEscape("通知"), "/me", "/items/{published}", "/items/999999",
	}},
	{"xu", []string{"/", "/items/{returned}", "/items/{returned}/edit", "/items/{returned}/diff"}},
	{"chen", []string{"/", "/items/{unit_check}"}},
	{"zhao", []string{
		"/", "/inbox", "/items/{secrecy_review}", "/items/{secrecy_review}/preview", "/items/{secrecy_review}/files",
		"/items/{secrecy_review}/form", "/items/{secrecy_review}/trail", "/items/{rejected}",
		"/terms", "/terms/proposals", "/terms/versions", "/terms/import",
	}},
	{"sun", []string{"/", "/items/{leader_approval}", "/items/{leader_approval}/preview", "/screens", "/screens/led", "/register"}},
	{"feng", []string{"/", "/items/{chief_approval}", "/items/{suspended}"}},
	{"wu", []string{"/", "/publish", "/items/{approved}", "/items/{registered}", "/items/{published}/preview", "/screens", "/incidents", "/register"}},
	{"tian", []string{"/", "/screens"}},
	{"bai", []string{"/", "/items/{sealed}"}},
	{"an", []string{"/", "/me"}},
	{"shen", []string{"/", "/audit", "/register"}},
}

// TestPages opens every page as the demo shows it to a newcomer: no page complains in the console or is wider than its
// screen, in Chinese and in English. QINGYANG_SHOTS keeps how they look.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("short: no browser")
	}
	p := start(t, t.TempDir())
	c := openChrome(t, p.url)
	at := samplesIn(t, p.url)
	for _, v := range visits {
		w := c.window(v.who).signIn()
		for _, path := range v.pages {
			for state, id := range at {
				path = strings.Replace(path, "{"+string(state)+"}", strconv.FormatInt(id, 10), 1)
			}
			if strings.Contains(path, "{") {
				t.Errorf("no sample is so: %s", path)
				continue
			}
			if status := w.open(path); status != 200 && path != "/items/999999" {
				t.Errorf("%s answers %s with %d", path, v.who, status)
			}
			w.picture(v.who + strings.NewReplacer("/", "-", "?", "-", "=", "-", "%", "").Replace(path))
		}
		if v.who == "wang" || v.who == "zhao" {
			w.open("/lang/en")
			w.open("/")
			w.picture(v.who + "-en")
		}
	}
	w := c.window("public")
	for _, path := range []string{"/login", "/channels/portal/", "/channels/portal/columns/notice", "/channels/led/?key=demo-led"} {
		w.open(path)
		w.picture("public" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
	}
}

// samplesIn waits until the samples have come to where their stories end and returns one item for each state.
func samplesIn(t *testing.T, site string) map[workflow.State]int64 {
	t.Helper()
	var readers []*client
	for _, who := range []string{"wang", "xu", "chen", "zhao", "sun", "feng", "wu", "bai"} {
		readers = append(readers, signIn(t, site, who))
	}
	out := map[workflow.State]int64{}
	last, since := "", time.Now()
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && time.Since(since) < 3*time.Second; time.Sleep(200 * time.Millisecond) {
		clear(out)
		var seen []string
		for _, r := range readers {
			seen = append(seen, collect(t, r, out)...)
		}
		if now := strings.Join(seen, ";"); now != last {
			last, since = now, time.Now()
		}
	}
	return out
}

// collect adds the items that r may see and tells them apart from those of another moment.
func collect(t *testing.T, r *client, into map[workflow.State]int64) []string {
	t.Helper()
	var lines []string
	for _, box := range []string{"todo", "done", "mine", "drafts"} {
		var list struct {
			Items []struct {
				ID    int64
				State workflow.State
				Unit  string
			}
		}
		if err := r.call("GET", "/api/v1/inbox?limit=200&box="+box, nil, &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list.Items {
			lines = append(lines, fmt.Sprint(x.ID, x.State))
			if _, ok := into[x.State]; !ok || x.Unit == "window-a" {
				into[x.State] = x.ID
			}
		}
	}
	slices.Sort(lines)
	return lines
}
