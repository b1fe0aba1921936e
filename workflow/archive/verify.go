package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// ErrBroken reports a pack that is not what was packed. What wraps it names the first thing found.
var ErrBroken = errors.New("archive pack does not verify")

// maxDocument bounds what is read into memory of a pack; attachments are only hashed.
const maxDocument = 64 << 20

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
}

// Verify reads a pack of the given size and returns nil if its files are those of SHA256SUMS, body, attachments and
// renditions are those of the manifest, and every decision that the item needed to be registered is there, on that
// manifest's digest, by different persons, and signed by one of keys. The error wraps ErrBroken, or is the reader's.
func Verify(r io.ReaderAt, size int64, keys ledger.PublicKeys) error {
	return verify(r, size, keys.Verify)
}

// signed returns nil if sig is the signature of a key over msg.
type signed func(key string, msg []byte, sig string) error

func verify(r io.ReaderAt, size int64, sig signed) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return broken("%v", err)
	}
	p, err := open(z)
	if err != nil {
		return err
	}
	if err := p.content(); err != nil {
		return err
	}
	if err := p.decisions(sig); err != nil {
		return err
	}
	return p.records(sig)
}

// pack is what was read of a pack: the hash of every file, and the bytes of the documents.
type pack struct {
	sums     map[string]string
	docs     map[string][]byte
	item     Summary
	manifest workflow.Manifest
}

func open(z *zip.Reader) (*pack, error) {
	p := &pack{sums: map[string]string{}, docs: map[string][]byte{}}
	for _, f := range z.File {
		if _, ok := p.sums[f.Name]; ok {
			return nil, broken("%s is there twice", f.Name)
		}
		if err := p.read(f); err != nil {
			return nil, err
		}
	}
	if err := p.listed(); err != nil {
		return nil, err
	}
	for name, v := range map[string]any{itemFile: &p.item, manifestFile: &p.manifest} {
		if err := json.Unmarshal(p.docs[name], v); err != nil {
			return nil, broken("%s: %v", name, err)
		}
	}
	return p, nil
}

func (p *pack) read(f *zip.File) (err error) {
	r, err := f.Open()
	if err != nil {
		return broken("%s: %v", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	var doc bytes.Buffer
	var w io.Writer = h
	if slices.Contains([]string{manifestFile, itemFile, decisionsFile, recordsFile, sumsFile}, f.Name) {
		if f.UncompressedSize64 > maxDocument {
			return broken("%s is too large", f.Name)
		}
		w = io.MultiWriter(h, &doc)
	}
	if _, err := io.Copy(w, r); err != nil { //nolint:gosec // hashed, not kept; documents are bounded above
		return broken("%s: %v", f.Name, err)
	}
	p.sums[f.Name], p.docs[f.Name] = hex.EncodeToString(h.Sum(nil)), doc.Bytes()
	return nil
}

// listed asks that SHA256SUMS lists every other file and nothing else.
func (p *pack) listed() error {
	left := len(p.sums) - 1
	lines := bufio.NewScanner(bytes.NewReader(p.docs[sumsFile]))
	for lines.Scan() {
		sum, name, _ := bytes.Cut(lines.Bytes(), []byte("  "))
		if p.sums[string(name)] != string(sum) || string(name) == sumsFile {
			return broken("%s is not the file that %s lists", name, sumsFile)
		}
		left--
	}
	if left != 0 || lines.Err() != nil {
		return broken("%s lists other files than there are", sumsFile)
	}
	return nil
}

func (p *pack) content() error {
	if p.sums[manifestFile] != p.item.Digest || int64(p.manifest.Item) != p.item.Item || p.manifest.Class != p.item.Class {
		return broken("the manifest is not the item's")
	}
	body := sha256.Sum256([]byte(p.manifest.Body))
	want := map[string]string{bodyFile: hex.EncodeToString(body[:])}
	for i, a := range p.manifest.Attachments {
		want[attachmentName(i, a.Name)] = a.SHA256
	}
	for _, r := range p.manifest.Renditions {
		want[renditionName(r)] = r.SHA256
	}
	for name, sum := range want {
		if p.sums[name] != sum {
			return broken("%s is not the file of the manifest", name)
		}
	}
	return nil
}

func (p *pack) decisions(sig signed) error {
	var ds []workflow.Decision
	if err := json.Unmarshal(p.docs[decisionsFile], &ds); err != nil {
		return broken("%s: %v", decisionsFile, err)
	}
	need := p.needed(ds)
	persons := map[string]workflow.Event{}
	carried := p.carried(ds)
	for _, d := range ds {
		if err := sig(d.Key, d.SigningBytes(), d.Sig); err != nil {
			return broken("decision %s by %s: %v", d.Event, d.Name, err)
		}
		if !p.counts(d) && !slices.Contains(carried, d.Sig) || !slices.Contains(need, d.Event) {
			continue
		}
		if other, ok := persons[d.Person]; ok && other != d.Event {
			return broken("%s decided %s and %s", d.Name, other, d.Event)
		}
		persons[d.Person] = d.Event
		need = slices.DeleteFunc(need, func(e workflow.Event) bool { return e == d.Event })
	}
	if len(need) > 0 {
		return broken("no decision %s on this digest", need[0])
	}
	return nil
}

// needed are the events that must have been decided before the item could be registered.
func (p *pack) needed(ds []workflow.Decision) []workflow.Event {
	need := []workflow.Event{workflow.Submit, workflow.SecrecyPass, workflow.LeaderApprove, workflow.Register}
	if p.item.UnitStep {
		need = append(need, workflow.UnitPass)
	}
	if p.item.Class != workflow.Ordinary || workflow.Dissented(ds) {
		need = append(need, workflow.ChiefApprove)
	}
	return need
}

// carried returns the signatures of what the unit said of the same text in an earlier round, where that still counts.
func (p *pack) carried(ds []workflow.Decision) (sigs []string) {
	for _, e := range []workflow.Event{workflow.Submit, workflow.UnitPass} {
		if d, ok := p.manifest.Carried(ds, e); ok {
			sigs = append(sigs, d.Sig)
		}
	}
	return sigs
}

// counts holds for a decision on what is in the pack.
func (p *pack) counts(d workflow.Decision) bool {
	return d.Item == p.manifest.Item && d.Digest == p.item.Digest && d.Round == p.manifest.Round && d.Revision == p.manifest.Revision
}

// records asks that each record is one, and that signed ones hold.
func (p *pack) records(sig signed) error {
	for i, line := range bytes.Split(bytes.TrimSuffix(p.docs[recordsFile], []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		r, err := ledger.Parse(line)
		if err != nil || r.Item != p.item.Item {
			return broken("record %d is not one of this item", i+1)
		}
		if r.Sig == "" {
			continue
		}
		if err := sig(r.Key, r.Unsigned().Bytes(), r.Sig); err != nil {
			return broken("record %d: %v", i+1, err)
		}
	}
	return nil
}
