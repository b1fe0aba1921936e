package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Folder keeps content in a local folder, readable by the owner alone. What Put acknowledged outlasts a loss of power.
// Safe for concurrent use, also by several processes.
type Folder struct {
	root string

	mu      sync.Mutex
	durable map[string]bool // folders whose own entry in their parent was synced by this process
}

// unfinished is the folder of content that is still being written.
const unfinished = "unfinished"

// OpenFolder returns the store in dir, which is made if absent, and sweeps what a crash left unfinished in it.
func OpenFolder(dir string) (*Folder, error) {
	f := &Folder{root: filepath.Clean(dir), durable: map[string]bool{}}
	if err := os.MkdirAll(filepath.Join(dir, unfinished), 0o700); err != nil {
		return nil, fmt.Errorf("open blob folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder is to be entered
		return nil, fmt.Errorf("open blob folder: %w", err)
	}
	if err := syncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, fmt.Errorf("open blob folder: %w", err)
	}
	if err := f.sweep(); err != nil {
		return nil, fmt.Errorf("sweep blob folder: %w", err)
	}
	return f, nil
}

// sweep removes unfinished files that nobody holds: a writer keeps a lock on its file, which dies with its process.
func (f *Folder) sweep() error {
	dir := filepath.Join(f.root, unfinished)
	left, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range left {
		if err := removeUnheld(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func removeUnheld(path string) error {
	file, err := os.Open(path) //nolint:gosec // of our own folder
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // its writer is alive
	}
	return os.Remove(path)
}

// Put stores what r holds until its end and returns its SHA-256 in hex and its size in bytes. It returns ErrTooLarge if
// that is more than limit. Content that is there already is written anew, which heals a damaged copy.
func (f *Folder) Put(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error) {
	tmp, err := os.CreateTemp(filepath.Join(f.root, unfinished), "put-*")
	if err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	defer tmp.Close() //nolint:errcheck // synced before; after the rename, so that the lock lasts until then
	if sha, size, err = f.write(ctx, tmp, r, limit); err != nil {
		return "", 0, errors.Join(fmt.Errorf("put blob: %w", err), os.Remove(tmp.Name()))
	}
	if err := f.place(tmp.Name(), sha); err != nil {
		return "", 0, fmt.Errorf("put blob %s: %w", sha, err)
	}
	return sha, size, nil
}

func (f *Folder) write(ctx context.Context, tmp *os.File, r io.Reader, limit int64) (string, int64, error) {
	if err := syscall.Flock(int(tmp.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return "", 0, err
	}
	sha, size, err := copyHashed(ctx, tmp, r, limit)
	if err != nil {
		return "", 0, err
	}
	return sha, size, tmp.Sync()
}

// place gives the finished file its name, durably. It removes the file when it can't. The folder is synced after the renaming and
// its parents after it: a file system that keeps a journal then writes all of it at once, and has nothing left to do for them.
func (f *Folder) place(tmp, sha string) error {
	if f.quarantined(sha) { // for good: whoever has the same content cannot bring it back within reach
		return os.Remove(tmp)
	}
	path := f.path(sha)
	dir := filepath.Dir(path)
	parents := f.missing(dir)
	if err := f.mkdir(dir); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	err := syncDir(dir)
	for _, p := range parents {
		err = errors.Join(err, syncDir(p))
	}
	if err == nil {
		f.known(dir)
	}
	return err
}

// missing returns the folders that must be synced for dir's entries in them, innermost first. A folder that another writer has
// just made is synced again, since its maker may not have come that far.
func (f *Folder) missing(dir string) (parents []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; dir != f.root && !f.durable[dir]; dir = filepath.Dir(dir) {
		parents = append(parents, filepath.Dir(dir))
	}
	return parents
}

// mkdir makes dir, and the one it is in, unless they are there.
func (f *Folder) mkdir(dir string) error {
	for _, d := range []string{filepath.Dir(dir), dir} { // the first may be the root, which is there
		if err := os.Mkdir(d, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// known notes that dir and what it is in have durable names.
func (f *Folder) known(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; dir != f.root; dir = filepath.Dir(dir) {
		f.durable[dir] = true
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // of our own folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *Folder) path(sha string) string { return filepath.Join(f.root, filepath.FromSlash(name(sha))) }

// Open returns the content with the given SHA-256, hashed as a whole before its first byte is given out. It returns
// ErrMissing or ErrChanged; a large file that is changed after that ends with ErrChanged in place of io.EOF.
func (f *Folder) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	if !valid(sha) {
		return nil, fmt.Errorf("open blob %q: %w", sha, ErrMissing)
	}
	file, err := os.Open(f.path(sha))
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", sha, f.gone(sha, err))
	}
	handedOn := false
	rc, err := proven(ctx, file, sha, func(io.Reader) (*os.File, error) {
		handedOn = true
		return file, nil
	})
	if !handedOn {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", sha, err)
	}
	return rc, nil
}

// gone says why content could not be opened.
func (f *Folder) gone(sha string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f.quarantined(sha) {
		return ErrQuarantined
	}
	return ErrMissing
}

func (f *Folder) quarantined(sha string) bool {
	_, err := os.Stat(filepath.Join(f.root, filepath.FromSlash(isolated(sha))))
	return err == nil
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrMissing
	}
	return err
}

// Stat returns the size in bytes of what is stored under sha, without hashing it, or ErrMissing.
func (f *Folder) Stat(_ context.Context, sha string) (int64, error) {
	if !valid(sha) {
		return 0, fmt.Errorf("stat blob %q: %w", sha, ErrMissing)
	}
	st, err := os.Stat(f.path(sha))
	if err != nil {
		return 0, fmt.Errorf("stat blob %s: %w", sha, missing(err))
	}
	return st.Size(), nil
}

// Delete removes the content for good. Content that is not there is no error, so that a removal can be repeated.
func (f *Folder) Delete(_ context.Context, sha string) error {
	if !valid(sha) {
		return nil
	}
	for _, path := range []string{f.path(sha), filepath.Join(f.root, filepath.FromSlash(isolated(sha)))} {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = syncDir(filepath.Dir(path))
		}
		if err != nil {
			return fmt.Errorf("delete blob %s: %w", sha, err)
		}
	}
	return nil
}

// Isolate takes the content away for good: Open says ErrQuarantined, also after the same content is put again. Content that is
// not there is no error, so that it can be repeated.
func (f *Folder) Isolate(_ context.Context, sha string) error {
	if !valid(sha) {
		return nil
	}
	path := filepath.Join(f.root, filepath.FromSlash(isolated(sha)))
	if err := f.mkdir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("isolate blob %s: %w", sha, err)
	}
	err := os.Rename(f.path(sha), path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(os.Chmod(path, 0o400), syncDir(filepath.Dir(path)), syncDir(f.root), syncDir(filepath.Dir(f.path(sha))))
	}
	if err != nil {
		return fmt.Errorf("isolate blob %s: %w", sha, err)
	}
	return nil
}

// List calls fn for all content in the order of its hashes, and stops at fn's first error, which it returns.
func (f *Folder) List(ctx context.Context, fn func(sha string, size int64) error) error {
	return filepath.WalkDir(f.root, func(_ string, e fs.DirEntry, err error) error {
		if err = errors.Join(missingIsFine(err), ctx.Err()); err != nil {
			return fmt.Errorf("list blobs: %w", err)
		}
		if e == nil || e.IsDir() || !valid(e.Name()) {
			return nil
		}
		st, err := e.Info()
		if err != nil {
			return missingIsFine(err)
		}
		return fn(e.Name(), st.Size())
	})
}

// missingIsFine drops the error of an entry that was deleted while the folder was listed.
func missingIsFine(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
