package screen_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/publish/publishtest"
)

// Mutant: take the host of the addresses from the request.
func TestFeeds(t *testing.T) {
	w := open(t)
	sha := w.Blob([]byte("图"))
	n := publishtest.Notice("甲<&", "portal")
	n.BodyHTML = `<p>图<img src="a1"></p>`
	c := w.Publish(1, true, n, workflow.Attachment{ID: "a1", Name: "图.png", Media: "image/png", Size: 3, SHA256: sha, Scan: "clean"})
	var f map[string]any
	if err := json.Unmarshal([]byte(w.get("/channels/portal/feed.json").body), &f); err != nil {
		t.Fatal(err)
	}
	link := origin + itemPath("portal", 1)
	fileURL := origin + "/channels/portal/items/files/" + sha
	it, _ := f["items"].([]any)[0].(map[string]any)
	html, _ := it["content_html"].(string)
	delete(it, "content_html")
	want := map[string]any{
		"id": link, "url": link, "title": "甲<&", "summary": "甲<&的摘要", "date_published": "2026-10-01T09:00:00+08:00", "tags": []any{"通知公告"},
		"attachments": []any{map[string]any{"url": fileURL, "mime_type": "image/png", "title": "图.png", "size_in_bytes": 3.0}},
		"_qingyang":   map[string]any{"number": number(1), "digest": c.Item.Digest},
	}
	if jsonOf(t, it) != jsonOf(t, want) || f["version"] != "https://jsonfeed.org/version/1.1" || !strings.Contains(html, `<img src="`+fileURL+`"`) {
		t.Errorf("got\n%s\nwant\n%s\n%s", jsonOf(t, it), jsonOf(t, want), html)
	}
	for path, words := range map[string]string{"rss.xml": "<title>甲&lt;&amp;</title>", "sitemap.xml": "<loc>" + link + "</loc>"} {
		got := w.get("/channels/portal/" + path)
		d := xml.NewDecoder(strings.NewReader(got.body))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(path, err)
			}
		}
		if got.status != 200 || !strings.Contains(got.body, words) || strings.Contains(got.body, "gov.example") {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

func TestReceipts(t *testing.T) {
	w := open(t)
	c := w.Publish(1, true, publishtest.Notice("甲", "tv"))
	send := func(body string) int {
		return w.ask("POST", "/channels/tv/receipts", body, "Content-Type", "application/json").status
	}
	good := fmt.Sprintf(`{"number":%q,"digest":%q}`, number(1), c.Item.Digest)
	for _, x := range []struct {
		body   string
		status int
	}{
		{`{"sequence":1,"showing":[` + good + `,{"number":"other","digest":"x"}]}`, 204},
		{`{"sequence":1,"showing":[]}`, 204},
		{`{"sequence":1,"showing":[],"more":1}`, 400},
		{`{`, 400},
		{`{"sequence":"1"}`, 400},
	} {
		if got := send(x.body); got != x.status {
			t.Errorf("%s: %d, want %d", x.body, got, x.status)
		}
	}
	if want := "tv " + number(1) + " " + c.Item.Digest; len(w.confirmed) != 1 || w.confirmed[0] != want {
		t.Errorf("confirmed %q, want %q", w.confirmed, want)
	}
	if got := w.ask("POST", "/channels/portal/receipts", `{}`, "Content-Type", "application/json"); got.status != 404 {
		t.Errorf("portal: %d", got.status)
	}
}

// TestStampede: a hundred readers at once cost one reading of the shelf; half a second later it is read again.
func TestStampede(t *testing.T) {
	w := open(t)
	for i := range 20 {
		w.Publish(workflow.ItemID(i+1), true, publishtest.Notice("甲", "portal"))
	}
	round := func() int {
		before := w.Loads
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got := w.ask("GET", "/channels/portal/", ""); got.status != 200 {
					t.Error(got.status)
				}
			})
		}
		wg.Wait()
		return w.Loads - before
	}
	first, second := round(), round()
	w.Pass(500 * time.Millisecond)
	if third := round(); first != 20 || second != 0 || third != 20 {
		t.Errorf("cases read: %d, %d, %d; want 20, 0, 20", first, second, third)
	}
}

// TestPagesAreWhole executes every page and looks for what a broken template leaves.
func TestPagesAreWhole(t *testing.T) {
	w := open(t)
	w.Publish(1, true, publishtest.Notice("甲", "portal", "tv", "led", "kiosk"))
	for _, path := range []string{"/channels/portal/", "/channels/portal/columns/guide", itemPath("portal", 1), itemPath("portal", 9), "/channels/tv/", "/channels/kiosk/", "/channels/led/"} {
		got := w.get(path)
		for _, bad := range []string{"<no value>", "ZgotmplZ", "{{", "%!"} {
			if strings.Contains(got.body, bad) {
				t.Errorf("%s has %s", path, bad)
			}
		}
		if !strings.HasSuffix(strings.TrimSpace(got.body), "</html>") || strings.Contains(got.header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func BenchmarkPortal(b *testing.B) {
	w := open(b)
	for i := range 100 {
		w.Publish(workflow.ItemID(i+1), true, publishtest.Notice("甲", "portal"))
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if got := w.ask("GET", "/channels/portal/", ""); got.status != 200 {
				b.Error(got.status)
			}
		}
	})
}
