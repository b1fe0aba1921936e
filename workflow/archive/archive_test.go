package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"qingyang/workflow"
	"qingyang/workflow/archive"
	"qingyang/workflow/ledger"
	"qingyang/workflow/publish/publishtest"
)

func registered(t *testing.T) (*publishtest.World, *workflow.Case, *archive.Packer) {
	t.Helper()
	w := publishtest.New()
	sha := w.Blob([]byte("名单"))
	files := workflow.Attachment{ID: "a1", Name: "../名单?.xlsx", Size: 6, SHA256: sha, Scan: "off"}
	c := w.Publish(1, false, publishtest.Notice("放假通知", "portal", "led"), files)
	c.Item.State, c.Item.Pack = workflow.Registered, ""
	c.Decisions = slices.DeleteFunc(c.Decisions, func(d workflow.Decision) bool { return d.Event == workflow.Publish })
	w.Records = []ledger.Record{{At: publishtest.Start, Person: "wang", Name: "王", Role: "drafter", Event: "submit", Item: 1, Result: ledger.Done}}
	return w, c, &archive.Packer{
		Store: w, Blobs: w, Signer: w, Keys: w.PublicKeys(), Now: w.Now,
		Form: func(context.Context, *workflow.Case) ([]byte, error) { return []byte("<html>表</html>"), nil },
	}
}

func keys(t *testing.T, w *publishtest.World) ledger.PublicKeys {
	t.Helper()
	ks, err := ledger.ParsePublicKeys(w.PublicKeys())
	if err != nil {
		t.Fatal(err)
	}
	return ks
}

func TestPack(t *testing.T) {
	w, c, p := registered(t)
	for range 2 { // jobs run more than once
		if err := p.Pack(t.Context(), workflow.PackJob{Item: 1, Digest: c.Item.Digest}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.Open(t.Context(), c.Item.Pack)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	want := "manifest.json item.json body.html decisions.json records.jsonl keys.txt form.html attachments/01-.._名单_.xlsx " +
		"renditions/portal/page.html renditions/led/strip.txt renditions/led/strip.png SHA256SUMS"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files\n%s\nwant\n%s", got, want)
	}
	if err := archive.Verify(bytes.NewReader(b), int64(len(b)), keys(t, w)); err != nil {
		t.Error(err)
	}
	last := w.Records[len(w.Records)-1]
	if len(w.Records) != 2 || last.Event != string(workflow.Archived) || last.Detail["pack"] != c.Item.Pack || last.Digest != c.Item.Digest {
		t.Errorf("records %+v", w.Records)
	}
	if err := archive.Verify(bytes.NewReader(b), int64(len(b)), ledger.PublicKeys{}); !errors.Is(err, archive.ErrBroken) {
		t.Errorf("with other keys: %v", err)
	}
}

func TestPackIsTheSameTwice(t *testing.T) {
	_, c, p := registered(t)
	var a, b bytes.Buffer
	if err := errors.Join(p.Write(t.Context(), &a, c), p.Write(t.Context(), &b, c)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two packs of one item differ")
	}
}

func TestNotPacked(t *testing.T) {
	for _, x := range []struct {
		name  string
		spoil func(*publishtest.World, *workflow.Case)
		want  error
	}{
		{"went on", func(_ *publishtest.World, c *workflow.Case) { c.Item.State = workflow.Returned }, nil},
		{"another digest", func(_ *publishtest.World, c *workflow.Case) { c.Item.Digest = "x" }, nil},
		{"changed attachment", func(w *publishtest.World, c *workflow.Case) { w.Spoil(c.Revision.Attachments[0].SHA256, []byte("x")) }, archive.ErrBroken},
		{"changed body", func(_ *publishtest.World, c *workflow.Case) { c.Revision.Content.BodyHTML = "x" }, archive.ErrBroken},
		{"forged decision", func(_ *publishtest.World, c *workflow.Case) { c.Decisions[1].Person = "he" }, archive.ErrBroken},
		{"no reviewer", func(_ *publishtest.World, c *workflow.Case) { c.Decisions = slices.Delete(c.Decisions, 2, 3) }, archive.ErrBroken},
		{"one person twice", func(w *publishtest.World, c *workflow.Case) {
			c.Decisions = slices.Delete(c.Decisions, 2, 3)
			w.Decide(c, workflow.Decision{Event: workflow.SecrecyPass, Person: "wang"})
		}, archive.ErrBroken},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, c, p := registered(t)
			j := workflow.PackJob{Item: 1, Digest: c.Item.Digest}
			x.spoil(w, c)
			if err := p.Pack(t.Context(), j); !errors.Is(err, x.want) || (err == nil) != (x.want == nil) {
				t.Errorf("%v, want %v", err, x.want)
			}
			if c.Item.Pack != "" {
				t.Error("packed")
			}
		})
	}
}

// TestVerifyFindsEachChange: every byte of every file counts, and so does every file.
func TestVerifyFindsEachChange(t *testing.T) {
	w, c, p := registered(t)
	var whole bytes.Buffer
	if err := p.Write(t.Context(), &whole, c); err != nil {
		t.Fatal(err)
	}
	ks := keys(t, w)
	z, err := zip.NewReader(bytes.NewReader(whole.Bytes()), int64(whole.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, victim := range z.File {
		for _, how := range []string{"changed", "left out", "added", "twice"} {
			b := repack(t, z, victim.Name, how)
			if err := archive.Verify(bytes.NewReader(b), int64(len(b)), ks); !errors.Is(err, archive.ErrBroken) {
				t.Errorf("%s %s: %v", victim.Name, how, err)
			}
		}
	}
}

func repack(t *testing.T, z *zip.Reader, victim, how string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, b []byte) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Name != victim:
			put(f.Name, b)
		case how == "changed":
			put(f.Name, append(b, 'x'))
		case how == "added":
			put(f.Name, b)
			put(f.Name+".more", b)
		case how == "twice":
			put(f.Name, b)
			put(f.Name, b)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := archive.Verify(bytes.NewReader(b), int64(len(b)), nil); err == nil {
			t.Error("verified")
		}
	})
}
