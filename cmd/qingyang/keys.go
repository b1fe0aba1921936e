package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"qingyang/workflow/ledger"
)

// signer implements workflow.Signer with a key that is kept in a file of its own and the public halves of all former keys.
type signer struct {
	key    ledger.Key
	public ledger.PublicKeys
	text   string // the public halves, one a line: what an outsider needs to verify
}

// Key names the present key.
func (s signer) Key() string { return s.key.ID }

// Sign signs with the present key.
func (s signer) Sign(msg []byte) (key, sig string) { return s.key.ID, s.key.Sign(msg) }

// Verify reports whether any of our keys made sig.
func (s signer) Verify(key string, msg []byte, sig string) bool {
	return s.public.Verify(key, msg, sig) == nil
}

// openSigner reads the signing key of dir, making one if there is none.
func openSigner(dir string) (signer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return signer{}, fmt.Errorf("keys: %w", err)
	}
	file := filepath.Join(dir, "signing.key")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		b, err = newKey(dir, file)
	}
	if err != nil {
		return signer{}, fmt.Errorf("keys: %w", err)
	}
	key, err := ledger.Load(b)
	if err != nil {
		return signer{}, fmt.Errorf("keys: %s: %w", file, err)
	}
	known, err := os.ReadFile(filepath.Join(dir, "public.keys"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return signer{}, fmt.Errorf("keys: %w", err)
	}
	text := string(known)
	if !strings.Contains(text, key.Public()) {
		text += key.Public() + "\n"
	}
	public, err := ledger.ParsePublicKeys(text)
	return signer{key, public, text}, err
}

// newKey makes a key and writes both halves durably, the public one first and after those of former keys: a signature must
// never exist without it.
func newKey(dir, file string) ([]byte, error) {
	key, err := ledger.NewKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	known := filepath.Join(dir, "public.keys")
	former, err := os.ReadFile(known)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := writeFile(known, append(former, key.Public()+"\n"...), 0o644); err != nil {
		return nil, err
	}
	return key.Marshal(), writeFile(file, key.Marshal(), 0o600)
}

// writeFile writes b so that file is whole or absent after a crash.
func writeFile(file string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone once it was renamed
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
