package main

import (
	"errors"
	"strings"
	"testing"

	"qingyang/storage/blob"
	"qingyang/workflow"
)

// TestQuarantinedInWords: the store's word for quarantine reaches the desk as the desk's own. The mutant passes it on as it is,
// and a scan of the item fails for ever.
func TestQuarantinedInWords(t *testing.T) {
	folder, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var b workflow.Blobs = blobs{folder}
	sha, _, err := b.Put(t.Context(), strings.NewReader("x"), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Isolate(t.Context(), sha); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), sha); !errors.Is(err, workflow.ErrQuarantined) {
		t.Fatalf("open: %v", err)
	}
}
