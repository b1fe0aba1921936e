// Package sourcedocs finds the five source documents for tests. They lie beside the repository and never in it.
package sourcedocs

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// SourceDocuments returns the source documents by the first three characters of their names ("000" … "004"), and skips the test
// where they are not there.
func SourceDocuments(t testing.TB) map[string]string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(here), "../../../shared/seeds")
	list, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(list) == 0 {
		t.Skip("the source documents are not beside this repository")
	}
	out := map[string]string{}
	for _, p := range list {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(p), "_")
		out[name] = string(b)
	}
	return out
}
