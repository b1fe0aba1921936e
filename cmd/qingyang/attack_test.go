package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qingyang/seeds"
	"qingyang/workflow"
)

// TestRenderedIsScanned: what a browser makes of a body is checked, not only its source: markup that hides words from a
// reader of the source and shows them on the page is found. Mutant: scanShown returning nothing.
func TestRenderedIsScanned(t *testing.T) {
	c := newCrew(t)
	public := 0
	for _, body := range []string{
		"<p>通知</p><svg><style><p>57365线路检测中心</p></style></svg>",
		"<p>通知</p><svg><script><p>57365线路检测中心</p></script></svg>",
		"<p>通知</p><math><style><p>57365线路检测中心</p></style></math>",
		"<p>通知</p><svg><style></svg><p>57365线路检测中心</p>",
	} {
		id := c.draft(t, "", body, nil)
		if err := c.ask(t.Context(), c.wait(t, id, "wang", workflow.Submit), "wang", workflow.Submit); err != nil {
			t.Fatal(err)
		}
		var got workflow.State
		eventually(t, "scanned", func() bool {
			cs, err := c.db.Case(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got = cs.Item.State
			return got != workflow.Scanning
		})
		pages, err := c.desk.Preview(t.Context(), c.people["wang"], id, "portal")
		if err != nil {
			t.Fatal(err)
		}
		shown := false
		for _, p := range pages {
			shown = shown || bytes.Contains(p.Bytes, []byte("57365线路检测中心"))
		}
		if shown {
			public++
		}
		if shown && got != workflow.Returned {
			t.Errorf("%s is %s and would show the words", body, got)
		}
	}
	if public == 0 {
		t.Error("no body would show the words: the test proves nothing")
	}
}

// TestForgedSession: a session row that somebody wrote into the database opens nothing. Mutant: the seal not compared.
func TestForgedSession(t *testing.T) {
	dir := furnished(t)
	a := working(t, dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "qingyang.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	token := "0123456789abcdef"
	sum := sha256.Sum256([]byte(token))
	now := time.Now().UnixMicro()
	if _, err := db.ExecContext(t.Context(), "INSERT INTO sessions (hash, person, csrf, created, seen, ended, address) VALUES ($1, 'sun', 'c', $2, $2, 0, '127.0.0.1')",
		hex.EncodeToString(sum[:]), now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.desk.Actor(t.Context(), token, "127.0.0.1"); !errors.Is(err, workflow.ErrCredentials) {
		t.Errorf("a forged session opens: %v", err)
	}
	own, err := a.desk.SignIn(t.Context(), workflow.Try{Account: "sun", Password: "Qingyang-demo-1", Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.desk.Actor(t.Context(), own.Token, "127.0.0.1"); err != nil {
		t.Errorf("the own session: %v", err)
	}
}

// TestManyFindings: a text full of hits is judged in time, as a whole.
func TestManyFindings(t *testing.T) {
	c := newCrew(t)
	id := c.draft(t, "", "<p>"+strings.Repeat("http://a.b/0 http://a.b/1 http://a.b/2 http://a.b/3 ", 2000)+"</p>", nil)
	if err := c.ask(t.Context(), c.wait(t, id, "wang", workflow.Submit), "wang", workflow.Submit); err != nil {
		t.Fatal(err)
	}
	eventually(t, "returned", func() bool {
		cs, err := c.db.Case(t.Context(), id)
		return err == nil && cs.Item.State == workflow.Returned
	})
}

// TestBrokenUpload: a file that the check could not read is refused while the author is there, and nothing of it is kept.
func TestBrokenUpload(t *testing.T) {
	c := newCrew(t)
	id := c.draft(t, "", "<p>照常办理</p>", nil)
	v := c.wait(t, id, "wang", workflow.Submit)
	samples, err := seeds.Samples()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, s := range samples {
		files, err := s.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if ext := filepath.Ext(f.Name); ext != ".docx" && ext != ".xlsx" {
				continue
			}
			tried++
			var bad *workflow.InvalidError
			_, _, err := c.desk.Attach(t.Context(), c.people["wang"], id, v.Item.Version, f.Name, bytes.NewReader(f.Bytes[:len(f.Bytes)/2]))
			if !errors.As(err, &bad) || bad.Reasons[0].Code != "file_broken" {
				t.Errorf("half of %s: %v", f.Name, err)
			}
		}
	}
	if tried == 0 {
		t.Fatal("no sample has a file")
	}
	if now := c.wait(t, id, "wang", workflow.Submit); now.Item.Version != v.Item.Version || len(now.Revision.Attachments) != 0 {
		t.Errorf("kept: %+v", now.Revision.Attachments)
	}
}
