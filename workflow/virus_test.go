package workflow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
)

// plague is an antivirus that knows some words, or does not answer.
type plague struct {
	known []string
	down  bool
}

func (p *plague) Scan(_ context.Context, r io.Reader) (bool, string, error) {
	if p.down {
		return false, "", ErrUnavailable
	}
	b, err := io.ReadAll(r)
	for _, k := range p.known {
		if bytes.Contains(b, []byte(k)) {
			return false, "Test." + k, err
		}
	}
	return true, "", err
}

type openDoor struct{}

func (openDoor) Admit(string, []byte) (string, error)       { return "text/plain", nil }
func (openDoor) Whole(context.Context, review.Upload) error { return nil }

func hexSum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// guarded is a walked world with antivirus and, on the item, a file whose text is given.
func guarded(t *testing.T, file string) (*world, *plague) {
	t.Helper()
	w, c := walked(t, "<p>干净</p>", 0)
	p := &plague{}
	w.store.setup.Antivirus, w.desk.setupAt = "on", time.Time{}
	w.desk.Antivirus, w.desk.Door, w.desk.Rand = p, openDoor{}, rand.NewChaCha8([32]byte{})
	wang := by("wang")
	wang.Address = "10.0.0.7"
	if _, _, err := w.desk.Attach(context.Background(), wang, 1, c.Item.Version, "表.txt", strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	return w, p
}

// onward takes the item along way from its draft to before the given event.
func (w *world) onward(t *testing.T, before Event) {
	t.Helper()
	for _, a := range way {
		if a.e == before {
			return
		}
		if err := w.do(a.who, a.e); err != nil {
			t.Fatalf("%s by %s: %v", a.e, a.who, err)
		}
		w.settle(t)
	}
}

func (w *world) traces() (ds []map[string]string) {
	for _, r := range w.store.log {
		if r.Event == string(Quarantine) {
			ds = append(ds, r.Detail)
		}
	}
	return ds
}

// TestUploadedMalware: what antivirus knows when a file comes is refused, isolated and traced. Mutants: attach without asking;
// refusing without the record; keeping the bytes in reach.
func TestUploadedMalware(t *testing.T) {
	w, p := guarded(t, "好文件")
	p.known = []string{"EVIL"}
	c := w.now(t)
	_, _, err := w.desk.Attach(context.Background(), by("wang"), 1, c.Item.Version, "坏.txt", strings.NewReader("xxEVILxx"))
	if got := reasonsOf(err); !slices.Equal(got, []string{"malware"}) {
		t.Fatalf("attach: %v", err)
	}
	if after := w.now(t); len(after.Revision.Attachments) != 1 || after.Item.Version != c.Item.Version {
		t.Fatalf("the item took it: %+v", after.Revision.Attachments)
	}
	sha := hexSum("xxEVILxx")
	want := []map[string]string{{"sha256": sha, "malware": "Test.EVIL", "size": "8"}}
	if got := w.traces(); !reflect.DeepEqual(got, want) {
		t.Fatalf("traces %v, want %v", got, want)
	}
	if _, err := w.store.Open(context.Background(), sha); !errors.Is(err, ErrQuarantined) {
		t.Fatalf("the bytes are in reach: %v", err)
	}
}

// TestMalwareKnownLater: a file that was clean when it was uploaded, reviewed and registered gets a name before it is published.
// Mutants: publishing asks antivirus only when the library changed; the source is not traced to the upload; malware is
// recorded anew at every scan.
func TestMalwareKnownLater(t *testing.T) {
	w, p := guarded(t, "一开始无人认得的LATER")
	w.onward(t, Publish)
	p.known = []string{"LATER"}
	err := w.do("wu", Publish)
	if got := reasonsOf(err); !slices.Equal(got, []string{"new_findings"}) {
		t.Fatalf("publish: %v", err)
	}
	c := w.now(t)
	at := c.Revision.Attachments[0]
	if c.Item.State != SecrecyReview || c.FileScan(at) != fileInfected {
		t.Fatalf("item in %s, file %s", c.Item.State, c.FileScan(at))
	}
	want := []map[string]string{{
		"sha256": at.SHA256, "malware": "Test.LATER", "size": "29",
		"uploaded_by": "wang", "uploaded_from": "10.0.0.7", "uploaded_at": noon.UTC().Format("2006-01-02T15:04:05Z"),
	}}
	if got := w.traces(); !reflect.DeepEqual(got, want) {
		t.Fatalf("traces %v, want %v", got, want)
	}
	i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Type == malware })
	if _, err := w.desk.Dispose(context.Background(), by("qian"), 1, c.Item.Version, c.Findings[i].ID, Accept, "误报"); err != nil {
		t.Fatal(err)
	}
	if err := w.do("qian", SecrecyPass); !slices.Contains(reasonsOf(err), "attachment_infected") {
		t.Fatalf("malware passed by a reviewer's word: %v", err)
	}
	if _, _, err := w.desk.Attachment(context.Background(), by("qian"), 1, at.ID); !slices.Equal(reasonsOf(err), []string{"attachment_infected"}) {
		t.Fatalf("the file is given out: %v", err)
	}
	if err := w.do("qian", Return); err != nil {
		t.Fatal(err)
	}
	if err := w.do("wang", Submit); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if c = w.now(t); c.Item.State != Returned || len(w.traces()) != 1 {
		t.Fatalf("sent again it is in %s with %d traces", c.Item.State, len(w.traces()))
	}
}

// TestAntivirusDown: a scanner that does not answer lets a file in, waiting, and nothing out. Mutants: an error counts as
// clean; publishing goes on without an answer.
func TestAntivirusDown(t *testing.T) {
	w, p := guarded(t, "好文件")
	w.onward(t, Publish)
	p.down = true
	if err := w.do("wu", Publish); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("publish: %v", err)
	}
	if c := w.now(t); c.Item.State != Registered {
		t.Fatalf("item in %s", c.Item.State)
	}
	p.down = false
	if err := w.do("wu", Publish); err != nil {
		t.Fatal(err)
	}
	w, p = guarded(t, "好文件")
	p.down = true
	at, _, err := w.desk.Attach(context.Background(), by("wang"), 1, w.now(t).Item.Version, "二.txt", strings.NewReader("另一个"))
	if err != nil || at.Scan != fileWaiting {
		t.Fatalf("attach: %q, %v", at.Scan, err)
	}
	if err := w.do("wang", Submit); err != nil {
		t.Fatal(err)
	}
	if err := w.desk.Scan(context.Background(), ScanJob{Item: 1, Revision: w.now(t).Item.Revision, Round: 1}); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("scan: %v", err)
	}
}
