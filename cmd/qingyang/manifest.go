package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"qingyang/workflow/ledger"
)

const (
	manifestFile  = "MANIFEST"
	manifestTitle = "qingyang backup v1"
)

// manifest lists what a backup consists of. It is written last: a backup without one is not whole.
type manifest struct {
	At       time.Time // when the copying began, to the second
	Database string    // sqlite or postgres
	Files    []backedFile
}

// backedFile is a file of a backup: its SHA-256 in hex and its path in the folder, with slashes.
type backedFile struct{ SHA256, Path string }

var errManifest = errors.New("备份清单无效 (the backup's MANIFEST is not valid)")

// text is the manifest without its signature: a line of title, time and database, then one a file as sha256sum writes it.
func (m manifest) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", manifestTitle, m.At.UTC().Format(time.RFC3339), m.Database)
	for _, f := range m.Files {
		fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Path)
	}
	return b.String()
}

// signed is the whole file; its last line is the signature over all others.
func (m manifest) signed(s signer) []byte {
	key, sig := s.Sign([]byte(m.text()))
	return fmt.Appendf(nil, "%ssignature %s %s\n", m.text(), key, sig)
}

// readManifest returns what signed wrote. It returns errManifest for anything else, and ledger's errors for a signature that
// none of keys made.
func readManifest(b []byte, keys ledger.PublicKeys) (m manifest, err error) {
	lines := strings.Split(string(b), "\n")
	if len(lines) < 3 || lines[len(lines)-1] != "" {
		return m, errManifest
	}
	body, last := lines[:len(lines)-2], strings.Fields(lines[len(lines)-2])
	if err := m.parse(body); err != nil {
		return manifest{}, err
	}
	if len(last) != 3 || last[0] != "signature" {
		return manifest{}, errManifest
	}
	if err := keys.Verify(last[1], []byte(m.text()), last[2]); err != nil {
		return manifest{}, fmt.Errorf("%w: %w", errManifest, err)
	}
	return m, nil
}

// parse reads title and files. The signature is over text, so whatever parse lets pass that text would not write is refused.
func (m *manifest) parse(lines []string) error {
	head := strings.Fields(strings.TrimPrefix(lines[0], manifestTitle+" "))
	if !strings.HasPrefix(lines[0], manifestTitle+" ") || len(head) != 2 {
		return errManifest
	}
	var err error
	if m.At, err = time.Parse(time.RFC3339, head[0]); err != nil {
		return fmt.Errorf("%w: %w", errManifest, err)
	}
	m.Database = head[1]
	for i, l := range lines[1:] {
		sum, name, ok := strings.Cut(l, "  ")
		if !ok || !hash64.MatchString(sum) || !knownFile(sum, name) {
			return fmt.Errorf("%w: 第 %d 行 (line %d)", errManifest, i+2, i+2)
		}
		m.Files = append(m.Files, backedFile{sum, name})
	}
	if m.text() != strings.Join(lines, "\n")+"\n" {
		return errManifest
	}
	return nil
}

var hash64 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// knownFile admits only what a backup has, so that no path leads out of a folder.
func knownFile(sum, name string) bool {
	return name == objectName(sum) || slices.Contains([]string{sqliteFile, dumpFile, publicFile, checkpointFile, stampFile}, name)
}

func objectName(sha string) string { return path.Join(objectsFolder, sha[:2], sha[2:4], sha) }

// has reports whether a file of that name is in the backup.
func (m manifest) has(name string) bool {
	return slices.ContainsFunc(m.Files, func(f backedFile) bool { return f.Path == name })
}
