package clamd

import (
	"strings"
	"testing"
)

// The one answer that means clean, and never beside an error.
func FuzzVerdict(f *testing.F) {
	for _, answer := range []string{"stream: OK", "stream: A FOUND", "INSTREAM size limit exceeded. ERROR", "stream: OK FOUND", ""} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		v, err := verdict(answer)
		switch {
		case v.Clean && (err != nil || answer != "stream: OK" || v.Name != ""):
			t.Errorf("%q is clean: %+v, %v", answer, v, err)
		case v.Name != "" && (err != nil || !strings.HasSuffix(answer, found)):
			t.Errorf("%q is malware: %+v, %v", answer, v, err)
		case !v.Clean && v.Name == "" && err == nil:
			t.Errorf("%q is nothing at all", answer)
		}
	})
}
