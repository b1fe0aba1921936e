// Package blobtest is the suite that every content store of package blob passes.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"qingyang/storage/blob"
)

// Store is what the suite needs of a store; it is declared here so that Folder and S3 are held to one set of methods.
type Store interface {
	Put(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error)
	Open(ctx context.Context, sha string) (io.ReadCloser, error)
	Stat(ctx context.Context, sha string) (int64, error)
	Delete(ctx context.Context, sha string) error
	Isolate(ctx context.Context, sha string) error
	List(ctx context.Context, fn func(sha string, size int64) error) error
}

// Suite is a way to make stores. Open returns an empty one; Overwrite puts other bytes under sha behind its back.
type Suite struct {
	Open      func(t *testing.T) Store
	Overwrite func(t *testing.T, s Store, sha string, content []byte)
}

// large is a size beyond what a store hashes in memory.
const large = 9 << 20

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	t.Run("round trip", s.roundTrip)
	t.Run("limits", s.limits)
	t.Run("missing", s.missing)
	t.Run("changed", s.changed)
	t.Run("healed", s.healed)
	t.Run("broken reader", s.brokenReader)
	t.Run("cancelled", s.cancelled)
	t.Run("deleted", s.deleted)
	t.Run("isolated", s.isolated)
	t.Run("list", s.list)
	t.Run("many at once", s.manyAtOnce)
}

// Content returns n bytes that are the same for the same seed.
func Content(seed uint64, n int) []byte {
	b := make([]byte, n)
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	if _, err := rand.NewChaCha8(s).Read(b); err != nil {
		panic(err) // ChaCha8 never fails
	}
	return b
}

// Sum returns the SHA-256 of b in hex.
func Sum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, st Store, b []byte) string {
	t.Helper()
	sha, size, err := st.Put(t.Context(), bytes.NewReader(b), int64(len(b)))
	if err != nil || sha != Sum(b) || size != int64(len(b)) {
		t.Fatalf("put: %s, %d, %v; want %s, %d", sha, size, err, Sum(b), len(b))
	}
	return sha
}

func get(t *testing.T, st Store, sha string) ([]byte, error) {
	t.Helper()
	rc, err := st.Open(t.Context(), sha)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(rc)
	return b, errors.Join(err, rc.Close())
}

func all(t *testing.T, st Store) []string {
	t.Helper()
	var out []string
	err := st.List(t.Context(), func(sha string, size int64) error {
		out = append(out, fmt.Sprint(sha, " ", size))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s Suite) roundTrip(t *testing.T) {
	st := s.Open(t)
	for _, n := range []int{0, 1, 1000, 8 << 20, 8<<20 + 1, large} {
		want := Content(1, n)
		sha := put(t, st, want)
		if got, err := get(t, st, sha); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
		if size, err := st.Stat(t.Context(), sha); err != nil || size != int64(n) {
			t.Errorf("stat of %d: %d, %v", n, size, err)
		}
	}
}

func (s Suite) limits(t *testing.T) {
	st := s.Open(t)
	for _, c := range []struct {
		size, limit int64
		want        error
	}{{10, 10, nil}, {11, 10, blob.ErrTooLarge}, {0, 0, nil}, {1, 0, blob.ErrTooLarge}, {large, 1000, blob.ErrTooLarge}} {
		_, _, err := st.Put(t.Context(), bytes.NewReader(Content(2, int(c.size))), c.limit)
		if !errors.Is(err, c.want) {
			t.Errorf("%d of %d bytes: %v, want %v", c.size, c.limit, err, c.want)
		}
	}
	if got := len(all(t, st)); got != 2 {
		t.Errorf("%d stored, want the two within their limit", got)
	}
}

func (s Suite) missing(t *testing.T) {
	st := s.Open(t)
	put(t, st, Content(3, 10))
	there := Sum(Content(3, 10))
	for _, sha := range []string{
		Sum([]byte("nobody")), "", "ab", "../../../etc/passwd", strings.ToUpper(there), there[:63], there + "0",
		strings.Repeat("g", 64), strings.Repeat("/", 64), strings.Repeat(".", 64),
	} {
		if _, err := get(t, st, sha); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("open %q: %v", sha, err)
		}
		if _, err := st.Stat(t.Context(), sha); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("stat %q: %v", sha, err)
		}
		if err := st.Delete(t.Context(), sha); err != nil {
			t.Errorf("delete %q: %v", sha, err)
		}
	}
	if got := len(all(t, st)); got != 1 {
		t.Errorf("%d stored, want 1", got)
	}
}

// changed alters one byte, cuts and lengthens, small and large; not one byte may be given out.
func (s Suite) changed(t *testing.T) {
	st := s.Open(t)
	for _, n := range []int{1, 1000, large} {
		good := Content(4, n)
		flipped := bytes.Clone(good)
		flipped[n-1] ^= 1
		for name, bad := range map[string][]byte{
			"flipped": flipped, "cut": good[:n-1], "longer": append(bytes.Clone(good), 0), "empty": nil,
		} {
			sha := put(t, st, good)
			s.Overwrite(t, st, sha, bad)
			if rc, err := st.Open(t.Context(), sha); !errors.Is(err, blob.ErrChanged) {
				t.Errorf("%d bytes %s: %v, %v", n, name, rc, err)
			}
		}
	}
}

func (s Suite) healed(t *testing.T) {
	st := s.Open(t)
	good := Content(5, 1000)
	sha := put(t, st, good)
	s.Overwrite(t, st, sha, []byte("something else"))
	put(t, st, good)
	if got, err := get(t, st, sha); err != nil || !bytes.Equal(got, good) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func (s Suite) brokenReader(t *testing.T) {
	st := s.Open(t)
	lost := errors.New("line lost")
	r := io.MultiReader(bytes.NewReader(Content(6, 100_000)), iotest.ErrReader(lost))
	if _, _, err := st.Put(t.Context(), r, large); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	if got := all(t, st); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func (s Suite) cancelled(t *testing.T) {
	st := s.Open(t)
	sha := put(t, st, Content(7, large))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := st.Put(ctx, bytes.NewReader(Content(8, 10)), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := st.Open(ctx, sha); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
}

func (s Suite) deleted(t *testing.T) {
	st := s.Open(t)
	sha := put(t, st, Content(9, 100))
	kept := put(t, st, Content(10, 100))
	for range 2 {
		if err := st.Delete(t.Context(), sha); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(t, st, sha); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("got %v", err)
	}
	if got := all(t, st); !slices.Equal(got, []string{kept + " 100"}) {
		t.Errorf("left: %v", got)
	}
	put(t, st, Content(9, 100))
}

// isolated dies when Open still gives out what was isolated, or does once somebody puts it again, when deleting leaves it in quarantine, when List still names it, or when it says "missing" as of content
// that never was.
func (s Suite) isolated(t *testing.T) {
	st := s.Open(t)
	bad, good := put(t, st, Content(7, 3000)), put(t, st, Content(8, 3000))
	for range 2 {
		if err := st.Isolate(t.Context(), bad); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Open(t.Context(), bad); !errors.Is(err, blob.ErrQuarantined) {
			t.Fatalf("open: %v, want %v", err, blob.ErrQuarantined)
		}
	}
	if err := st.Isolate(t.Context(), Sum([]byte("never stored"))); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Open(t.Context(), Sum([]byte("never stored"))); !errors.Is(err, blob.ErrMissing) {
		t.Fatalf("open what never was: %v, want %v", err, blob.ErrMissing)
	}
	var names []string
	err := st.List(t.Context(), func(sha string, _ int64) error { names = append(names, sha); return nil })
	if err != nil || !slices.Equal(names, []string{good}) {
		t.Fatalf("listed %v, %v; want %v", names, err, good)
	}
	put(t, st, Content(7, 3000))
	if _, err := st.Open(t.Context(), bad); !errors.Is(err, blob.ErrQuarantined) {
		t.Fatalf("open what was put again: %v, want %v", err, blob.ErrQuarantined)
	}
	if err := st.Delete(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Open(t.Context(), bad); !errors.Is(err, blob.ErrMissing) {
		t.Fatalf("open what was deleted from quarantine: %v, want %v", err, blob.ErrMissing)
	}
}

func (s Suite) list(t *testing.T) {
	st := s.Open(t)
	var want []string
	for n := range 25 {
		want = append(want, fmt.Sprint(put(t, st, Content(11, n)), " ", n))
	}
	slices.Sort(want)
	if got := all(t, st); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	enough, calls := errors.New("enough"), 0
	err := st.List(t.Context(), func(string, int64) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("stopped with %v after %d", err, calls)
	}
}

func (s Suite) manyAtOnce(t *testing.T) {
	st := s.Open(t)
	var wg sync.WaitGroup
	for i := range uint64(16) {
		wg.Go(func() {
			b := Content(i%4, 20_000) // four contents, four writers each
			if sha, _, err := st.Put(t.Context(), bytes.NewReader(b), 20_000); err != nil || sha != Sum(b) {
				t.Errorf("put: %s, %v", sha, err)
				return
			}
			if got, err := get(t, st, Sum(b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
	if got := len(all(t, st)); got != 4 {
		t.Errorf("%d stored, want 4", got)
	}
}
