package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLostKey: when the signing key is lost a new one takes over and old signatures still hold.
func TestLostKey(t *testing.T) {
	dir := t.TempDir()
	old, err := openSigner(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, sig := old.Sign([]byte("同意"))
	if err := os.Remove(filepath.Join(dir, "signing.key")); err != nil {
		t.Fatal(err)
	}
	fresh, err := openSigner(dir)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Key() == old.Key() || !fresh.Verify(key, []byte("同意"), sig) || fresh.Verify(key, []byte("不同意"), sig) {
		t.Errorf("key %s after %s: the old signature verifies %v", fresh.Key(), old.Key(), fresh.Verify(key, []byte("同意"), sig))
	}
	again, err := openSigner(dir)
	if err != nil || again.Key() != fresh.Key() {
		t.Errorf("opened again: %s, %v", again.Key(), err)
	}
}
