package channel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/workflow"
	"qingyang/workflow/channel"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

const maintenance = "本屏维护中"

func proof(t *testing.T, w *publishtest.World, ch string, id workflow.ItemID) publish.CleanProof {
	t.Helper()
	ps, err := publish.NewShelf(w.Parts()).Items(t.Context(), ch, 99)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		if n, err := p.Notice(); err == nil && n.Item == id {
			return p
		}
	}
	t.Fatalf("item %d is not proven", id)
	return publish.CleanProof{}
}

// sealer signs with a secret of its own; told is what folders said was edited, newest last.
type sealer string

func (k sealer) Sign(msg []byte) (key, sig string) {
	sum := sha256.Sum256(append([]byte(k), msg...))
	return "k", hex.EncodeToString(sum[:])
}

func (k sealer) Verify(key string, msg []byte, sig string) bool {
	_, want := k.Sign(msg)
	return key == "k" && sig == want
}

func folder(t *testing.T, dir string) *channel.Folder {
	t.Helper()
	f, _ := told(t, dir)
	return f
}

func told(t *testing.T, dir string) (*channel.Folder, *[]string) {
	t.Helper()
	var edited []string
	f, err := channel.NewFolder(channel.Strip{
		Channel: "led", Dir: dir, Height: 64, Maintenance: maintenance, Sealer: sealer("ours"),
		Tampered: func(_ context.Context, ch, what string) error {
			edited = append(edited, ch+" "+what)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, &edited
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// text returns what current.txt says, after asking that the other files say the same.
func text(t *testing.T, dir string) string {
	t.Helper()
	s := string(read(t, dir, "current.txt"))
	gb, err := simplifiedchinese.GB18030.NewDecoder().Bytes(read(t, dir, "current.gb18030.txt"))
	if err != nil || string(gb) != s {
		t.Errorf("GB18030 says %q, UTF-8 %q: %v", gb, s, err)
	}
	img, err := png.Decode(bytes.NewReader(read(t, dir, "current.png")))
	if err != nil || (img.Bounds().Dx() > 1) != (s != "") {
		t.Errorf("picture of %q is %v: %v", s, img.Bounds(), err)
	}
	return s
}

func TestFolder(t *testing.T) {
	w, dir := publishtest.New(), t.TempDir()
	w.Publish(1, true, publishtest.Notice("甲", "led"))
	w.Publish(2, true, publishtest.Notice("乙䶮", "led"))
	f, ctx := folder(t, dir), t.Context()
	one, two := proof(t, w, "led", 1), proof(t, w, "led", 2)
	const lineOne, lineTwo = "甲　　甲的摘要\n", "乙䶮　　乙䶮的摘要\n"
	for _, x := range []struct {
		name string
		do   func() error
		want string
		err  error
	}{
		{"first", func() error { return f.Put(ctx, one) }, lineOne, nil},
		{"again", func() error { return f.Put(ctx, one) }, lineOne, nil},
		{"second", func() error { return f.Put(ctx, two) }, lineTwo + lineOne, nil},
		{"removal of an older generation", func() error { return f.Remove(ctx, 1, 0) }, lineTwo + lineOne, nil},
		{"removal", func() error { return f.Remove(ctx, 1, 2) }, lineTwo, nil},
		{"late put", func() error { return f.Put(ctx, one) }, lineTwo, publish.ErrFenced},
		{"late put after a restart", func() error { return folder(t, dir).Put(ctx, one) }, lineTwo, publish.ErrFenced},
		{"halt", func() error { return f.Halt(ctx, 3) }, maintenance + "\n", nil},
		{"put while halted", func() error { return f.Put(ctx, two) }, maintenance + "\n", publish.ErrFenced},
		{"old resume", func() error { return f.Resume(ctx, 2) }, maintenance + "\n", nil},
		{"resume shows nothing", func() error { return f.Resume(ctx, 4) }, "", nil},
		{"put proven before the halt", func() error { return f.Put(ctx, two) }, "", publish.ErrFenced},
		{"zero proof", func() error { return f.Put(ctx, publish.CleanProof{}) }, "", publish.ErrUnproven},
	} {
		if err := x.do(); !errors.Is(err, x.err) {
			t.Errorf("%s: %v, want %v", x.name, err, x.err)
		}
		if got := text(t, dir); got != x.want {
			t.Errorf("%s: shows %q, want %q", x.name, got, x.want)
		}
	}
}

func TestFolderObserves(t *testing.T) {
	w, dir := publishtest.New(), t.TempDir()
	c := w.Publish(1, true, publishtest.Notice("甲", "led"))
	f := folder(t, dir)
	if err := f.Put(t.Context(), proof(t, w, "led", 1)); err != nil {
		t.Fatal(err)
	}
	seen, err := f.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{}
	for _, r := range c.Revision.Renditions {
		hashes[r.Name] = r.SHA256
	}
	if len(seen) != 1 || seen[0].Item != 1 || seen[0].Gen != 1 || seen[0].Digest != c.Item.Digest || seen[0].Hashes["strip.txt"] != hashes["strip.txt"] || seen[0].Hashes["strip.png"] != hashes["strip.png"] {
		t.Errorf("seen %+v", seen)
	}
	for _, name := range []string{"current.txt", "current.gb18030.txt", "current.png", "playlist.json"} {
		was := read(t, dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte("57365线路检测中心"), 0o600); err != nil {
			t.Fatal(err)
		}
		seen, err := f.Observe(t.Context())
		if err != nil || !slices.ContainsFunc(seen, func(o publish.Observed) bool { return o.Item == 0 }) {
			t.Errorf("injected into %s: seen %+v, %v", name, seen, err)
		}
		if err := f.Remove(t.Context(), 0, 0); err != nil || !bytes.Equal(read(t, dir, name), was) {
			t.Errorf("%s was not put right: %v", name, err)
		}
	}
}

// TestFolderCrash: whatever half of an act a crash leaves, the next sweep makes the folder right; a reader never sees half
// a file, because files are renamed.
func TestFolderCrash(t *testing.T) {
	w, dir := publishtest.New(), t.TempDir()
	w.Publish(1, false, publishtest.Notice("甲", "led"))
	d := publish.New(w.Parts(), map[string]publish.Driver{"led": folder(t, dir)}, slog.New(slog.DiscardHandler))
	sweep := func(what, want string) {
		t.Helper()
		w.Pass(10 * time.Second)
		if err := d.Sweep(t.Context()); err != nil {
			t.Fatal(what, err)
		}
		if got := text(t, dir); got != want {
			t.Errorf("%s: shows %q, want %q", what, got, want)
		}
	}
	const line = "甲　　甲的摘要\n"
	sweep("published", line)
	shown := map[string][]byte{}
	for _, name := range []string{"fence.json", "current.txt", "current.png"} {
		shown[name] = read(t, dir, name)
	}
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), shown[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"current.txt", "current.png", "current.gb18030.txt", "playlist.json"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		sweep("crash before "+name, line)
	}
	if err := os.WriteFile(filepath.Join(dir, ".new-123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Suspend(1)
	sweep("suspended", "")
	put("current.txt")
	put("current.png")
	sweep("crash after the fence of a removal", "")
	put("fence.json")
	sweep("the folder restored from an old copy", "")
	if left, err := filepath.Glob(filepath.Join(dir, ".new-*")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

// forge writes a fence as an intruder would: with his own key, with the old signature, or without any.
func forge(t *testing.T, dir, how string, edit func(string) string) {
	t.Helper()
	var x struct {
		Fence json.RawMessage `json:"fence"`
		Key   string          `json:"key"`
		Sig   string          `json:"sig"`
	}
	if err := json.Unmarshal(read(t, dir, "fence.json"), &x); err != nil {
		t.Fatal(err)
	}
	x.Fence = json.RawMessage(edit(string(x.Fence)))
	b, err := json.Marshal(x)
	switch {
	case how == "own key":
		x.Key, x.Sig = sealer("his").Sign(append([]byte("qingyang led fence led\n"), x.Fence...))
		b, err = json.Marshal(x)
	case how == "bare":
		b = x.Fence
	case how == "rubbish":
		b = b[:len(b)/2]
	}
	if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "fence.json"), b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// A fence edited by hand keeps nothing up and no removal out, and somebody is told. Mutants: believe any fence;
// tell nobody; count generations of a fence that is not believed.
func TestFolderFenceEdited(t *testing.T) {
	const line = "甲　　甲的摘要\n"
	high := func(s string) string {
		s = strings.ReplaceAll(s, `"gen":1`, `"gen":999`)
		return regexp.MustCompile(`^{"channel":\d+`).ReplaceAllString(s, `{"channel":999`)
	}
	for _, how := range []string{"old signature", "own key", "bare", "rubbish", "taken away"} {
		w, dir := publishtest.New(), t.TempDir()
		w.Publish(1, false, publishtest.Notice("甲", "led"))
		f, edited := told(t, dir)
		d := publish.New(w.Parts(), map[string]publish.Driver{"led": f}, slog.New(slog.DiscardHandler))
		sweep := func(what, want string) {
			t.Helper()
			w.Pass(10 * time.Second)
			if err := d.Sweep(t.Context()); err != nil || text(t, dir) != want {
				t.Errorf("%s, %s: shows %q, want %q: %v", how, what, text(t, dir), want, err)
			}
		}
		attack := func() {
			*edited = nil
			if how != "taken away" {
				forge(t, dir, how, high)
				return
			}
			if err := os.Remove(filepath.Join(dir, "fence.json")); err != nil {
				t.Fatal(err)
			}
		}
		sweep("published", line)
		attack()
		sweep("edited", line)
		if !slices.Equal(*edited, []string{"led fence"}) {
			t.Errorf("%s: told %q", how, *edited)
		}
		attack()
		if err := f.Halt(t.Context(), 50); err != nil || text(t, dir) != maintenance+"\n" || len(*edited) != 1 {
			t.Errorf("%s: halted shows %q, told %q: %v", how, text(t, dir), *edited, err)
		}
		if err := f.Resume(t.Context(), 51); err != nil || text(t, dir) != "" || len(*edited) != 1 {
			t.Errorf("%s: resumed shows %q, told %q: %v", how, text(t, dir), *edited, err)
		}
		attack()
		w.Suspend(1)
		sweep("suspended", "")
	}
}

// What stands in the folder besides the fence is put right, and told. Mutant: tell at every sweep.
func TestFolderFilesEdited(t *testing.T) {
	dir := t.TempDir()
	f, edited := told(t, dir)
	if err := f.Halt(t.Context(), 1); err != nil || len(*edited) != 0 {
		t.Fatal(err, *edited)
	}
	if err := os.WriteFile(filepath.Join(dir, "current.txt"), []byte("57365线路检测中心"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Halt(t.Context(), 1); err != nil || text(t, dir) != maintenance+"\n" || !slices.Equal(*edited, []string{"led files"}) {
			t.Errorf("shows %q, told %q: %v", text(t, dir), *edited, err)
		}
	}
}

func TestFolderExpires(t *testing.T) {
	w, dir := publishtest.New(), t.TempDir()
	n := publishtest.Notice("甲", "led")
	until := publishtest.Start.Add(time.Hour)
	n.Channels[0].Until = &until
	w.Publish(1, false, n)
	d := publish.New(w.Parts(), map[string]publish.Driver{"led": folder(t, dir)}, slog.New(slog.DiscardHandler))
	if err := d.Sweep(t.Context()); err != nil || !strings.Contains(string(read(t, dir, "playlist.json")), `"until":"2026-10-01T02:00:00Z"`) {
		t.Errorf("%v: %s", err, read(t, dir, "playlist.json"))
	}
	w.Pass(time.Hour)
	if err := d.Sweep(t.Context()); err != nil || text(t, dir) != "" {
		t.Errorf("past its window: %v, %q", err, text(t, dir))
	}
}

// TestPull: a channel that asks at each fetch calls nothing live whose bytes are not all there.
func TestPull(t *testing.T) {
	w := publishtest.New()
	sha := w.Blob([]byte("表"))
	c := w.Publish(1, true, publishtest.Notice("甲", "portal", "tv"), workflow.Attachment{ID: "a", Name: "表", Size: 3, SHA256: sha, Scan: "clean"})
	put := func(ch string) error { return channel.Pull{}.Put(t.Context(), proof(t, w, ch, 1)) }
	if err := errors.Join(put("portal"), put("tv")); err != nil {
		t.Fatal(err)
	}
	w.Spoil(sha, []byte("裱"))
	if err := put("portal"); !errors.Is(err, publish.ErrChanged) {
		t.Errorf("changed attachment: %v", err)
	}
	if err := put("tv"); err != nil {
		t.Errorf("a television shows no attachments: %v", err)
	}
	if err := w.Delete(t.Context(), c.Revision.Renditions[1].SHA256); err != nil {
		t.Fatal(err)
	}
	if err := put("tv"); !errors.Is(err, workflow.ErrMissing) {
		t.Errorf("missing rendition: %v", err)
	}
	if err := (channel.Pull{}).Put(t.Context(), publish.CleanProof{}); !errors.Is(err, publish.ErrUnproven) {
		t.Errorf("zero proof: %v", err)
	}
}
