// Package blob keeps content under its SHA-256: attachments, renditions, archive packs. Folder keeps it in a local
// folder, S3 in an object store; both have the same methods and pass the same suite (blobtest). Neither store is
// believed: whatever is read is hashed again before its first byte is given out.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// Errors of both stores. Others mean that the store could not be reached or written.
var (
	// ErrMissing reports content that the store does not have, or a name that is not the SHA-256 of anything.
	ErrMissing = errors.New("内容不存在 (no such content)")
	// ErrChanged reports stored bytes that do not have the hash they are kept under.
	ErrChanged = errors.New("存储内容被改动 (stored content was changed)")
	// ErrQuarantined reports content that Isolate took away.
	ErrQuarantined = errors.New("内容已隔离 (content in quarantine)")
	// ErrTooLarge reports content longer than the limit.
	ErrTooLarge = errors.New("内容超过大小限制 (content too large)")
)

const (
	// Max is the most bytes that either store takes or gives, whatever limit the caller names.
	Max = 1 << 30
	// inMemory is the most bytes that are held in memory to be hashed before they are given out.
	inMemory = 8 << 20
)

// valid tells whether sha is 64 lower-case hex digits, so that a name never leads out of the store.
func valid(sha string) bool {
	raw, err := hex.DecodeString(sha)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == sha
}

// name is where content lies: two levels of folders, so that none grows beyond a few thousand entries.
func name(sha string) string { return sha[:2] + "/" + sha[2:4] + "/" + sha }

// isolated is where quarantined content lies: under no name that content is looked for or listed by, so that neither a page nor
// a backup carries malware on. Only whoever runs the host can get at it, to find its source (004 article 43).
func isolated(sha string) string { return "quarantine/" + sha + ".infected" }

func sumHex(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// copyHashed copies r to w until its end and returns hash and size. It returns ErrTooLarge once r holds more than limit
// bytes and stops when ctx ends.
func copyHashed(ctx context.Context, w io.Writer, r io.Reader, limit int64) (sha string, size int64, err error) {
	h := sha256.New()
	limit = min(limit, Max)
	size, err = io.Copy(io.MultiWriter(w, h), io.LimitReader(reading{ctx, r}, limit+1))
	switch {
	case err != nil:
		return "", 0, err
	case size > limit:
		return "", 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return sumHex(h), size, nil
}

// reading is a reader that stops when ctx ends.
type reading struct {
	ctx context.Context
	r   io.Reader
}

// Read returns the context's error once it ended.
func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// proven returns content that was hashed as a whole before: from memory if it is small, otherwise from the file that
// spool returns after all of it was written there and read through.
func proven(ctx context.Context, src io.Reader, sha string, spool func(io.Reader) (*os.File, error)) (io.ReadCloser, error) {
	var head bytes.Buffer
	if _, err := io.Copy(&head, io.LimitReader(reading{ctx, src}, inMemory+1)); err != nil {
		return nil, err
	}
	if head.Len() <= inMemory {
		if sum := sha256.Sum256(head.Bytes()); hex.EncodeToString(sum[:]) != sha {
			return nil, ErrChanged
		}
		return io.NopCloser(&head), nil
	}
	f, err := spool(io.MultiReader(&head, src))
	if err != nil {
		return nil, err
	}
	return firstPass(ctx, f, sha)
}

// firstPass reads all of f and gives it out from the start if it has the hash sha. It closes f otherwise.
func firstPass(ctx context.Context, f *os.File, sha string) (io.ReadCloser, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	got, _, err := copyHashed(ctx, io.Discard, f, Max)
	if errors.Is(err, ErrTooLarge) || (err == nil && got != sha) {
		err = ErrChanged
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &secondPass{f: f, h: sha256.New(), sha: sha}, nil
}

// secondPass hashes a file again while it is read: a file that is changed between the passes ends with ErrChanged in
// place of io.EOF.
type secondPass struct {
	f   *os.File
	h   hash.Hash
	sha string
}

// Read ends with ErrChanged in place of io.EOF when the file is no longer what the first pass hashed.
func (s *secondPass) Read(p []byte) (int, error) {
	n, err := s.f.Read(p)
	s.h.Write(p[:n])
	if errors.Is(err, io.EOF) && sumHex(s.h) != s.sha {
		return n, ErrChanged
	}
	return n, err
}

// Close closes the file, which vanishes where it had no name.
func (s *secondPass) Close() error { return s.f.Close() }
