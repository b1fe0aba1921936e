package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"qingyang/storage/blob"
	"qingyang/storage/blob/blobtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openFolder(t *testing.T, dir string) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func stored(dir, sha string) string { return filepath.Join(dir, sha[:2], sha[2:4], sha) }

func TestFolder(t *testing.T) {
	dirs := map[blobtest.Store]string{}
	blobtest.Run(t, blobtest.Suite{
		Open: func(t *testing.T) blobtest.Store {
			dir := filepath.Join(t.TempDir(), "blobs")
			f := openFolder(t, dir)
			dirs[f] = dir
			return f
		},
		Overwrite: func(t *testing.T, s blobtest.Store, sha string, content []byte) {
			if err := os.WriteFile(stored(dirs[s], sha), content, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	})
}

func TestFolderIsForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir() // made with other rights, which opening takes away
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir)
	if _, _, err := f.Put(t.Context(), strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		got = append(got, fmt.Sprint(len(e.Name()) == 64, st.Mode()))
		return err
	})
	want := []string{"false drwx------", "false drwx------", "false drwx------", "true -rw-------", "false drwx------"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// A crash leaves an unfinished file; the next opening sweeps it, but not the file that a living writer holds.
func TestFolderSweepsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	left := filepath.Join(dir, "unfinished", "put-123")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		_, _, err := f.Put(t.Context(), r, 100)
		done <- err
	}()
	if _, err := w.Write([]byte("begun ")); err != nil {
		t.Fatal(err)
	}
	second := openFolder(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	if _, err := w.Write([]byte("and ended")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), <-done); err != nil {
		t.Fatal(err)
	}
	if size, err := second.Stat(t.Context(), blobtest.Sum([]byte("begun and ended"))); err != nil || size != 15 {
		t.Errorf("the living writer's content: %d, %v", size, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "unfinished")); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// Large content is given out from the file; a change after the first pass must not end as if all were well.
func TestFolderNoticesAChangeWhileReading(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	b := blobtest.Content(1, 9<<20)
	sha, _, err := f.Put(t.Context(), bytes.NewReader(b), blob.Max)
	if err != nil {
		t.Fatal(err)
	}
	rc, err := f.Open(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	b[len(b)-1] ^= 1
	if err := os.WriteFile(stored(dir, sha), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, rc); !errors.Is(err, blob.ErrChanged) {
		t.Errorf("got %v", err)
	}
}

func TestFolderOnAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenFolder(path); err == nil {
		t.Error("opened a file as a folder")
	}
}
