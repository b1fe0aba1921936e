package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"qingyang/seeds/staff"
	"qingyang/workflow"
)

// working is the program without its server, on a fresh house.
func working(t testing.TB, dir string) *app {
	t.Helper()
	c, err := readConfig("", environment("QINGYANG_DATA", dir))
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, wallClock, quiet(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.work(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (a *app) person(t testing.TB, account string) workflow.Actor {
	t.Helper()
	in, err := a.desk.SignIn(t.Context(), workflow.Try{Account: account, Password: staff.Password, Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	return in.Actor
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never %s", what)
}

func (a *app) finds(t *testing.T, p workflow.Actor, query string) []string {
	t.Helper()
	found, err := a.desk.Search(t.Context(), p, query, 10)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		out = append(out, f.Where)
	}
	return out
}

// TestSearch: parties find an item by body and attachment soon after it was saved, strangers never; the index is made again
// when it is lost.
func TestSearch(t *testing.T) {
	dir := furnished(t)
	a := working(t, dir)
	wang, zhou := a.person(t, "wang"), a.person(t, "zhou")
	v, err := a.desk.Create(t.Context(), wang, workflow.Content{
		Title: "检修通知", BodyHTML: "<p>因<b>变压器</b>更换暂停办理</p>", Disclosure: workflow.Disclosure{Kind: "active"},
		Channels: []workflow.Window{{ID: "portal"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.desk.Attach(t.Context(), wang, v.Item.ID, v.Item.Version, "清单.txt", bytes.NewReader([]byte("配电房钥匙由值班室保管"))); err != nil {
		t.Fatal(err)
	}
	for query, where := range map[string]string{"变压器": "body", "配电房钥匙": "attachment", "检修通知": "title"} {
		eventually(t, query+" found", func() bool { return slices.Equal(a.finds(t, wang, query), []string{where}) })
		if got := a.finds(t, zhou, query); got != nil {
			t.Errorf("a stranger finds %s: %v", query, got)
		}
	}
	if err := a.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "index")); err != nil {
		t.Fatal(err)
	}
	b := working(t, dir)
	eventually(t, "found again", func() bool { return len(b.finds(t, wang, "变压器")) == 1 })
}
