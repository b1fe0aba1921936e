// Package archive makes the archive pack of an item and verifies one without the rest of the program: everything that was
// approved, who approved it with their signatures, and the item's records, in one zip file.
package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// The files of a pack, besides attachments/ and renditions/.
const (
	manifestFile  = "manifest.json" // what decisions sign, byte for byte
	itemFile      = "item.json"
	bodyFile      = "body.html"
	decisionsFile = "decisions.json"
	recordsFile   = "records.jsonl" // one record a line, as it stands in the log
	keysFile      = "keys.txt"
	formFile      = "form.html"
	sumsFile      = "SHA256SUMS"
)

// Packer writes packs. Form may be nil: the pack then has no printed form. Everything else must be set.
type Packer struct {
	Store  workflow.Store
	Blobs  workflow.Blobs
	Signer workflow.Signer // verifies, by the same keys, what is to be stored
	Keys   string          // public keys, one a line, past ones included
	Now    func() time.Time
	// Form draws the 保密审查表 of an item, a page that needs no other file.
	Form func(ctx context.Context, c *workflow.Case) ([]byte, error)
}

// maxPack bounds a pack: thirty attachments of the greatest size.
const maxPack = 30 * 100 << 20

// Pack stores the pack of the item that j names and sets it, with a record. It does nothing if the item has gone on or
// has its pack: jobs run more than once. A pack that does not verify is not stored.
func (p *Packer) Pack(ctx context.Context, j workflow.PackJob) error {
	c, err := p.Store.Case(ctx, j.Item)
	if err != nil {
		return fmt.Errorf("pack item %d: %w", j.Item, err)
	}
	if c.Item.Digest != j.Digest || c.Item.State != workflow.Registered || c.Item.Pack != "" {
		return nil
	}
	sha, err := p.keep(ctx, c)
	if err != nil {
		return fmt.Errorf("pack item %d: %w", j.Item, err)
	}
	return p.set(ctx, c, sha)
}

// inMemory is how many bytes of files a pack may have to be made in memory; a larger one is made in a file.
const inMemory = 4 << 20

// keep makes the pack, verifies it as a stranger would, and stores it.
func (p *Packer) keep(ctx context.Context, c *workflow.Case) (sha string, err error) {
	if weight(c.Revision) <= inMemory {
		var b bytes.Buffer
		if err := p.Write(ctx, &b, c); err != nil {
			return "", err
		}
		return p.store(ctx, bytes.NewReader(b.Bytes()))
	}
	tmp, err := os.CreateTemp("", "qingyang-pack-*")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name())) }()
	if err := p.Write(ctx, tmp, c); err != nil {
		return "", err
	}
	return p.store(ctx, tmp)
}

// weight is the size in bytes of a revision's files.
func weight(r workflow.Revision) (n int64) {
	for _, a := range r.Attachments {
		n += a.Size
	}
	for _, x := range r.Renditions {
		n += x.Size
	}
	return n
}

func (p *Packer) store(ctx context.Context, r interface {
	io.ReadSeeker
	io.ReaderAt
},
) (string, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	if err := verify(r, size, p.holds); err != nil {
		return "", err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	sha, _, err := p.Blobs.Put(ctx, r, maxPack)
	return sha, err
}

// holds is signed by what the house verifies signatures with: it knows those of this item already.
func (p *Packer) holds(key string, msg []byte, sig string) error {
	if p.Signer.Verify(key, msg, sig) {
		return nil
	}
	return ledger.ErrSignature
}

func (p *Packer) set(ctx context.Context, c *workflow.Case, sha string) error {
	it := c.Item
	rec := ledger.Record{
		At: p.Now().UTC().Truncate(time.Microsecond), Person: "system", Name: "系统", Role: string(workflow.System),
		Event: string(workflow.Archived), Item: int64(it.ID), Revision: it.Revision, Round: it.Round, Digest: it.Digest,
		From: string(it.State), To: string(it.State), Result: ledger.Done, Detail: map[string]string{"pack": sha},
	}
	err := p.Store.InTx(ctx, func(tx workflow.Tx) error {
		_, err := tx.SetPack(ctx, it.ID, it.Digest, sha, rec) // false: the item went on, and needs no pack
		return err
	})
	if err != nil {
		return fmt.Errorf("set pack of item %d: %w", it.ID, err)
	}
	return nil
}

// Summary is item.json: what the manifest does not say. Times are UTC.
type Summary struct {
	V          int            `json:"v"`
	Item       int64          `json:"item"`
	Number     string         `json:"number"`
	Digest     string         `json:"digest"`
	Class      workflow.Class `json:"class"`
	Unit       string         `json:"unit"`
	UnitStep   bool           `json:"unit_step"`
	Registered time.Time      `json:"registered"`
	Author     string         `json:"author"`
	LetterNo   string         `json:"letter_no,omitempty"`
	Antivirus  []string       `json:"antivirus"` // of each attachment: clean, or off
	Findings   []finding      `json:"findings"`
}

type finding struct {
	ID      string           `json:"id"`
	Rule    string           `json:"rule"`
	Level   string           `json:"level"`
	Verdict workflow.Verdict `json:"verdict,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	ByName  string           `json:"by_name,omitempty"`
}

// Write writes the pack of c to w: the same case and log give the same bytes.
func (p *Packer) Write(ctx context.Context, w io.Writer, c *workflow.Case) error {
	z := zipper{w: zip.NewWriter(w)}
	if err := p.documents(ctx, &z, c); err != nil {
		return err
	}
	for i, a := range c.Revision.Attachments {
		if err := p.blob(ctx, &z, attachmentName(i, a.Name), a.SHA256); err != nil {
			return err
		}
	}
	for _, r := range c.Revision.Renditions {
		if err := p.blob(ctx, &z, renditionName(r), r.SHA256); err != nil {
			return err
		}
	}
	slices.Sort(z.sums)
	if err := z.add(sumsFile, []byte(strings.Join(z.sums, ""))); err != nil {
		return err
	}
	return z.w.Close()
}

func (p *Packer) documents(ctx context.Context, z *zipper, c *workflow.Case) error {
	trail, err := p.Store.Trail(ctx, c.Item.ID)
	if err != nil {
		return err
	}
	var records bytes.Buffer
	for _, e := range trail {
		records.Write(append(e.Bytes(), '\n'))
	}
	files := []struct {
		name string
		body []byte
	}{
		{manifestFile, workflow.NewManifest(c.Item, c.Revision).Bytes()},
		{itemFile, indented(summary(c))},
		{bodyFile, []byte(c.Revision.Content.BodyHTML)},
		{decisionsFile, indented(c.Decisions)},
		{recordsFile, records.Bytes()},
		{keysFile, []byte(p.Keys)},
	}
	for _, f := range files {
		if err := z.add(f.name, f.body); err != nil {
			return err
		}
	}
	if p.Form == nil {
		return nil
	}
	form, err := p.Form(ctx, c)
	if err != nil {
		return fmt.Errorf("form: %w", err)
	}
	return z.add(formFile, form)
}

func summary(c *workflow.Case) Summary {
	s := Summary{
		V: 1, Item: int64(c.Item.ID), Number: c.Item.Number, Digest: c.Item.Digest, Class: c.Item.Class, Unit: c.Item.Unit,
		UnitStep: c.Route.UnitStep, Author: c.Item.AuthorName, LetterNo: c.Revision.Content.LetterNo,
		Antivirus: []string{}, Findings: []finding{},
	}
	for _, d := range c.Decisions {
		if d.Event == workflow.Register && d.Round == c.Item.Round {
			s.Registered = d.At.UTC()
		}
	}
	for _, a := range c.Revision.Attachments {
		s.Antivirus = append(s.Antivirus, a.Scan)
	}
	for _, f := range c.Findings {
		s.Findings = append(s.Findings, finding{f.ID, f.Rule, string(f.Level), f.Verdict, f.Reason, f.ByName})
	}
	return s
}

func indented(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // strings, integers and times only
	}
	return append(b, '\n')
}

func (p *Packer) blob(ctx context.Context, z *zipper, name, sha string) (err error) {
	r, err := p.Blobs.Open(ctx, sha)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	got, err := z.copy(name, r)
	if err == nil && got != sha {
		err = ErrBroken
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func attachmentName(i int, name string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf("attachments/%02d-%s", i+1, clean)
}

func renditionName(r workflow.Rendition) string { return path.Join("renditions", r.Channel, r.Name) }

// zipper writes files without times and without compression, so that the bytes depend on nothing but the content.
type zipper struct {
	w    *zip.Writer
	sums []string
}

func (z *zipper) add(name string, b []byte) error {
	_, err := z.copy(name, bytes.NewReader(b))
	return err
}

// copy returns the SHA-256 of what it wrote, and notes it for SHA256SUMS.
func (z *zipper) copy(name string, r io.Reader) (string, error) {
	w, err := z.w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), r); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	z.sums = append(z.sums, fmt.Sprintf("%s  %s\n", sum, name))
	return sum, nil
}
