package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
)

// TestLife walks one item from the window unit's desk to four channels and off again, on each pair of stores.
func TestLife(t *testing.T) {
	t.Run("SQLite and a folder", func(t *testing.T) { wholeLife(t, start(t, furnished(t))) })
	t.Run("PostgreSQL and MinIO", func(t *testing.T) {
		secrets := t.TempDir()
		write := func(name, text string) string {
			file := filepath.Join(secrets, name)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}
		bucket := servers.MinIO(t)
		wholeLife(t, start(t, t.TempDir(),
			"QINGYANG_POSTGRES_FILE="+write("dsn", servers.Postgres(t)), "QINGYANG_OBJECTS_URL="+bucket.URL, "QINGYANG_OBJECTS_BUCKET="+bucket.Name,
			"QINGYANG_OBJECTS_ACCESS_KEY="+bucket.AccessKey, "QINGYANG_OBJECTS_SECRET_FILE="+write("secret", bucket.SecretKey)))
	})
}

// lead signs everyone in and takes a new item along life as far as the given step.
func lead(t *testing.T, p *program, steps int, then func(it item, e workflow.Event), channels ...string) (map[string]*client, item) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	people := map[string]*client{}
	for _, s := range life {
		if people[s.who] == nil {
			people[s.who] = signIn(t, p.url, s.who)
		}
	}
	var it item
	if err := people["wang"].call("POST", "/api/v1/items", notice(lifeTitle, channels...), &it); err != nil {
		t.Fatal(err)
	}
	for _, s := range life[:steps] {
		ready, err := people[s.who].ready(ctx, it.ID, s.e)
		if err != nil {
			t.Fatal(err)
		}
		if it, err = people[s.who].move(ready, s.e); err != nil {
			t.Fatalf("%s by %s: %v", s.e, s.who, err)
		}
		then(it, s.e)
	}
	return people, it
}

const (
	lifeTitle = "关于二楼窗口照常办理的通知"
	live      = 6 // steps of life after which the public sees the item
)

func nothing(item, workflow.Event) {}

func wholeLife(t *testing.T, p *program) {
	_, it := lead(t, p, len(life), func(it item, e workflow.Event) {
		if e == workflow.Publish {
			inTime(t, 10*time.Second, "all four show it", func() bool { return showing(t, p.url, it.Number) == 4 })
		}
		if e == workflow.Suspend {
			inTime(t, 10*time.Second, "all four are dark", func() bool { return showing(t, p.url, it.Number) == 0 })
		}
	}, "portal", "led", "tv", "kiosk")
	if it.State != workflow.Withdrawn {
		t.Errorf("%s", it.State)
	}
	if status, _ := get(t, p.url+"/channels/portal/items/"+url.PathEscape(it.Number), ""); status != http.StatusGone {
		t.Errorf("the portal answers %d for what is gone", status)
	}
}

func inTime(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %v: %s", limit, what)
}

// showing counts the channels on which the item can be seen.
func showing(t *testing.T, base, number string) (n int) {
	t.Helper()
	for path, key := range map[string]string{
		"/channels/portal/items/" + url.PathEscape(number): "", "/channels/led/current.txt": "demo-led",
		"/channels/tv/playlist.json": "demo-tv", "/channels/kiosk/playlist.json": "demo-kiosk",
	} {
		status, body := get(t, base+path, key)
		if status == http.StatusOK && strings.Contains(body, lifeTitle) {
			n++
		}
	}
	return n
}

func get(t *testing.T, address, key string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("X-Screen-Key", key)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// TestDarkWithoutServices: with the directory gone and the objects unreadable one person still takes everything down, and
// nothing is shown that can't be read (invariant 9).
func TestDarkWithoutServices(t *testing.T) {
	dir := furnished(t)
	p := start(t, dir)
	people, it := lead(t, p, live, nothing, "portal", "tv")
	if err := os.Rename(filepath.Join(dir, "objects"), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, p.url+"/channels/portal/items/"+url.PathEscape(it.Number), ""); status == http.StatusOK {
		t.Errorf("the portal shows what it can't read:\n%s", body)
	}
	if _, err := people["li"].move(it, workflow.Suspend); err != nil {
		t.Errorf("suspend without objects: %v", err)
	}
	if err := people["li"].call("POST", "/api/v1/channels/tv/halt", map[string]string{"reason": "画面异常"}, nil); err != nil {
		t.Errorf("halt without objects: %v", err)
	}
	inTime(t, 10*time.Second, "dark", func() bool { return showing(t, p.url, it.Number) == 0 })
	if err := os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
}

// TestPack: the archive pack of a registered item has the printed form, and its form is served as a page.
func TestPack(t *testing.T) {
	dir := furnished(t)
	_, it := lead(t, start(t, dir), live, nothing, "portal")
	var pack, log bytes.Buffer
	code := run(t.Context(), []string{"item", "export", strconv.FormatInt(it.ID, 10)}, terminal{environment("QINGYANG_DATA", dir), nil, &pack, &log})
	if code != exitDone {
		t.Fatalf("item export: %d %s", code, log.String())
	}
	z, err := zip.NewReader(bytes.NewReader(pack.Bytes()), int64(pack.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("form.html")
	if err != nil {
		t.Fatal(err)
	}
	form, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"信息发布保密审查表", "赵敏", "孙立", "第 1 版", it.Number} {
		if !strings.Contains(string(form), want) {
			t.Errorf("the form in the pack lacks %s", want)
		}
	}
	checkPackOf(t, dir, pack.Bytes())
}

// checkPackOf: the pack verifies offline by the command, with the hash that the log names, and no longer once a byte of it is another.
// Mutant: print "whole" whatever Verify says.
func checkPackOf(t *testing.T, dir string, pack []byte) {
	t.Helper()
	check := func(b []byte) (int, string) {
		file := filepath.Join(t.TempDir(), "pack.zip")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		code := run(t.Context(), []string{"ledger", "check", file}, terminal{environment("QINGYANG_DATA", dir), nil, &out, &out})
		return code, out.String()
	}
	sum := sha256.Sum256(pack)
	if code, out := check(pack); code != exitDone || !strings.Contains(out, hex.EncodeToString(sum[:])) {
		t.Errorf("the pack: %d %s", code, out)
	}
	bad := bytes.Clone(pack)
	bad[len(bad)/2] ^= 1
	if code, out := check(bad); code != exitFound {
		t.Errorf("a changed pack: %d %s", code, out)
	}
}
