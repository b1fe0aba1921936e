package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof reports a proof that does not hold, or a question that no proof answers, such as one beyond the log's end.
var ErrProof = errors.New("证明不成立 (proof does not hold)")

// Proof is the hashes of an inclusion proof (RFC 6962, 2.1.1), from the leaf upwards.
type Proof []Hash

// ProveRecord returns the proof that record seq is in the tree of the first size records. It returns ErrProof unless
// 0 <= seq < size.
func ProveRecord(size, seq int64, stored HashReader) (Proof, error) {
	if seq < 0 || seq >= size {
		return nil, fmt.Errorf("%w: record %d in a log of %d", ErrProof, seq, size)
	}
	p, err := tlog.ProveRecord(size, seq, stored)
	if err != nil {
		return nil, fmt.Errorf("prove record %d of %d: %w", seq, size, err)
	}
	return Proof(p), nil
}

// CheckRecord returns nil if p proves that leaf is record seq of the log that c saw, otherwise ErrProof.
func CheckRecord(p Proof, c Checkpoint, seq int64, leaf []byte) error {
	if err := tlog.CheckRecord(tlog.RecordProof(p), c.Size, c.Root, seq, tlog.RecordHash(leaf)); err != nil {
		return fmt.Errorf("%w: record %d of %d", ErrProof, seq, c.Size)
	}
	return nil
}
