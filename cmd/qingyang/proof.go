package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"qingyang/ui/api"
	"qingyang/workflow/archive"
	"qingyang/workflow/ledger"
)

// checkFile holds a proof or an archive pack against what was kept of the log: the checkpoint and the public keys.
func checkFile(c config, t terminal, checkpoint, file string) int {
	f, err := os.Open(file)
	if err != nil {
		return fail(t, err)
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, 4)
	if n, err := f.ReadAt(head, 0); err != nil || string(head[:n]) != "PK\x03\x04" {
		return checkProof(c, t, checkpoint, file)
	}
	return checkPack(c, t, f)
}

// checkPack verifies an archive pack by itself and prints its hash, which the log names in the record that archived it.
func checkPack(c config, t terminal, f *os.File) int {
	text, err := os.ReadFile(filepath.Join(c.Keys, publicFile))
	if err != nil {
		return fail(t, err)
	}
	public, err := ledger.ParsePublicKeys(string(text))
	if err != nil {
		return fail(t, err)
	}
	st, err := f.Stat()
	if err != nil {
		return fail(t, err)
	}
	switch err := archive.Verify(f, st.Size(), public); {
	case errors.Is(err, archive.ErrBroken):
		fmt.Fprintln(t.out, "归档包被改动或不完整 the pack does not verify:", err)
		return exitFound
	case err != nil:
		return fail(t, err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, st.Size())); err != nil {
		return fail(t, err)
	}
	fmt.Fprintf(t.out, "归档包完好：内容与清单相符，决定齐全、签名有效 the pack verifies\nSHA-256 %x（与日志中 archived 记录的 pack 核对）\n", h.Sum(nil))
	return exitDone
}

// checkProof holds a proof, as GET /api/v1/audit/proof answers it, against a checkpoint of the same size and prints the
// proved record. It reads two files and the public keys alone, so whoever kept those needs nothing else of the host.
func checkProof(c config, t terminal, checkpoint, file string) int {
	if checkpoint == "" {
		checkpoint = filepath.Join(c.Keys, checkpointFile)
	}
	proof, mark, err := readProof(filepath.Join(c.Keys, publicFile), checkpoint, file)
	if err != nil {
		return fail(t, err)
	}
	err = proves(proof, mark)
	switch {
	case errors.Is(err, ledger.ErrProof):
		fmt.Fprintln(t.out, err)
		return exitFound
	case err != nil:
		return fail(t, fmt.Errorf("%s: %w", file, err))
	}
	fmt.Fprintf(t.out, "%s\n第 %d 条在日志前 %d 条之中 the record is in the log: root %s\n", proof.Leaf, proof.Seq, mark.Size, mark.Root)
	return exitDone
}

func readProof(keys, checkpoint, file string) (p api.Proof, mark ledger.Checkpoint, err error) {
	read := func(name string) []byte {
		b, e := os.ReadFile(name)
		err = errors.Join(err, e)
		return b
	}
	text, note, body := read(keys), read(checkpoint), read(file)
	if err != nil {
		return p, mark, err
	}
	public, err := ledger.ParsePublicKeys(string(text))
	if err != nil {
		return p, mark, fmt.Errorf("%s: %w", keys, err)
	}
	if mark, err = ledger.OpenCheckpoint(note, public); err != nil {
		return p, mark, fmt.Errorf("检查点 (checkpoint) %s: %w", checkpoint, err)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, mark, fmt.Errorf("%s: %w", file, err)
	}
	return p, mark, nil
}

// proves returns ledger.ErrProof if p does not hold under mark.
func proves(p api.Proof, mark ledger.Checkpoint) error {
	if p.Size != mark.Size {
		return fmt.Errorf("证明针对前 %d 条，检查点为 %d 条，请取同一大小的证明 (proof and checkpoint are of different sizes)", p.Size, mark.Size)
	}
	var hashes ledger.Proof
	for _, s := range p.Hashes {
		h, err := ledger.ParseHash(s)
		if err != nil {
			return err
		}
		hashes = append(hashes, h)
	}
	return ledger.CheckRecord(hashes, mark, p.Seq, []byte(p.Leaf))
}
