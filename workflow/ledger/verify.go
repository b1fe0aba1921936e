package ledger

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Fault is what is wrong with a log at one place.
type Fault string

// The faults that a Verifier tells apart.
const (
	Changed   Fault = "changed"   // the record is not the one that was logged
	Missing   Fault = "missing"   // the record is gone, or the log was rolled back to before it
	Inserted  Fault = "inserted"  // the record stands where none or another belongs
	Hashes    Fault = "hashes"    // the stored hashes are not those of the records
	Rewritten Fault = "rewritten" // consistent in itself, but not the log that a checkpoint saw
	Forged    Fault = "forged"    // the signature on the record does not hold
)

// Tampered reports the first place where a log is not what it was. From and To are the seqs between which the first
// bad record lies, both included; they differ only where every hash may have been recomputed after the change and
// checkpoints alone tell: the log up to From is the one that a checkpoint saw.
type Tampered struct { //nolint:errname // the log was tampered with: said at every caller as it is meant
	From, To int64
	Fault    Fault
}

// Error names the place and the fault.
func (t *Tampered) Error() string {
	if t.From == t.To {
		return fmt.Sprintf("audit log was tampered with: record %d: %s", t.From, t.Fault)
	}
	return fmt.Sprintf("audit log was tampered with: records %d to %d: %s", t.From, t.To, t.Fault)
}

// Verifier holds a log against its stored hashes, against checkpoints kept outside the database and, for records that
// are signed, against the keys. Records are given one after the other, so memory does not grow with the log.
// Not safe for concurrent use.
type Verifier struct {
	tree        frontier
	checkpoints []Checkpoint
	keys        PublicKeys
	trusted     int64
	buf         []Hash
	bad         error
}

// NewVerifier returns a Verifier for a log from its first record on. The checkpoints must have been opened with their
// key (OpenCheckpoint); without any, a change that recomputed every hash is not found. Signatures are verified only
// when keys is not nil.
func NewVerifier(keys PublicKeys, checkpoints ...Checkpoint) *Verifier {
	cps := slices.Clone(checkpoints)
	slices.SortFunc(cps, func(a, b Checkpoint) int { return int(min(1, max(-1, a.Size-b.Size))) })
	return &Verifier{keys: keys, checkpoints: cps}
}

// Add verifies the next record: its seq and leaf as they are stored, and the hashes stored from FirstHash(seq) up to
// FirstHash(seq+1). It returns *Tampered at the first fault and the same again afterwards.
func (v *Verifier) Add(seq int64, leaf []byte, stored []Hash) error {
	if v.bad == nil {
		v.bad = v.add(seq, leaf, stored)
	}
	return v.bad
}

func (v *Verifier) add(seq int64, leaf []byte, stored []Hash) error {
	n := v.tree.size
	if err := v.reach(n); err != nil {
		return err
	}
	if seq != n {
		return &Tampered{From: n, To: n, Fault: misplaced(seq, n)}
	}
	v.buf = v.tree.push(v.buf[:0], tlog.RecordHash(leaf))
	switch {
	case len(stored) == 0 || stored[0] != v.buf[0]:
		return &Tampered{From: n, To: n, Fault: Changed}
	case !slices.Equal(stored, v.buf):
		return &Tampered{From: n, To: n, Fault: Hashes}
	}
	return v.signature(n, leaf)
}

func misplaced(seq, want int64) Fault {
	if seq > want {
		return Missing
	}
	return Inserted
}

// reach compares the tree of n records with every checkpoint of that size.
func (v *Verifier) reach(n int64) error {
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size == n {
		if v.checkpoints[0].Root != v.tree.root() {
			return &Tampered{From: v.trusted, To: max(v.trusted, n-1), Fault: Rewritten}
		}
		v.trusted = n
		v.checkpoints = v.checkpoints[1:]
	}
	return nil
}

func (v *Verifier) signature(n int64, leaf []byte) error {
	if v.keys == nil {
		return nil
	}
	r, err := Parse(leaf)
	if err != nil {
		return &Tampered{From: n, To: n, Fault: Forged}
	}
	if r.Key == "" && r.Sig == "" {
		return nil
	}
	// A signed leaf in any other form than its canonical one would carry words that nobody signed.
	if !bytes.Equal(r.Bytes(), leaf) || v.keys.VerifyRecord(r) != nil {
		return &Tampered{From: n, To: n, Fault: Forged}
	}
	return nil
}

// Close ends the log. Stored is the number of hashes that are stored in all: more than the records account for means
// that records were cut off. It returns the size and root of the verified log, or *Tampered.
func (v *Verifier) Close(stored int64) (size int64, root Hash, err error) {
	if v.bad != nil {
		return 0, Hash{}, v.bad
	}
	n := v.tree.size
	if err := v.reach(n); err != nil {
		return 0, Hash{}, err
	}
	if stored > FirstHash(n) {
		return 0, Hash{}, &Tampered{From: n, To: n, Fault: Missing}
	}
	if len(v.checkpoints) > 0 {
		return 0, Hash{}, &Tampered{From: v.trusted, To: n, Fault: Missing}
	}
	return n, v.tree.root(), nil
}
