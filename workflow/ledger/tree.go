package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is the hash of a leaf or of an inner node, as RFC 6962 makes it from SHA-256. Its String is base64.
type Hash = tlog.Hash

// HashReader reads stored hashes by their index; a database implements it over the table that Append fills.
type HashReader = tlog.HashReader

// HashReaderFunc lets a function be a HashReader.
type HashReaderFunc = tlog.HashReaderFunc

// ParseHash reads what Hash.String wrote.
func ParseHash(s string) (Hash, error) { return tlog.ParseHash(s) }

// FirstHash returns the index under which the first hash of record seq is stored; its others follow without a gap,
// so a log of n records has FirstHash(n) stored hashes.
func FirstHash(seq int64) int64 { return tlog.StoredHashCount(seq) }

// Append adds leaves to a log of size records and returns the hashes to store, from index FirstHash(size) on, and the
// root of the grown tree. It reads from stored once, whatever the number of leaves.
func Append(size int64, stored HashReader, leaves ...[]byte) ([]Hash, Hash, error) {
	f, err := readFrontier(size, stored)
	if err != nil {
		return nil, Hash{}, err
	}
	var out []Hash
	for _, leaf := range leaves {
		out = f.push(out, tlog.RecordHash(leaf))
	}
	return out, f.root(), nil
}

// Root returns the root of the first size records.
func Root(size int64, stored HashReader) (Hash, error) {
	f, err := readFrontier(size, stored)
	if err != nil {
		return Hash{}, err
	}
	return f.root(), nil
}

// frontier is the right edge of a tree: the roots of the complete subtrees that its size is the sum of, largest first.
// It is all that is needed to grow the tree, so a log of any length is verified in constant memory.
type frontier struct {
	size int64
	tops []Hash
}

func readFrontier(size int64, stored HashReader) (*frontier, error) {
	f := &frontier{size: size}
	var need []int64
	for level, left := 62, size; level >= 0; level-- {
		if width := int64(1) << level; left >= width {
			left -= width
			need = append(need, tlog.StoredHashIndex(level, (size-left)>>level-1))
		}
	}
	if len(need) == 0 {
		return f, nil
	}
	tops, err := stored.ReadHashes(need)
	if err != nil {
		return nil, fmt.Errorf("read the edge of a log of %d: %w", size, err)
	}
	if len(tops) != len(need) {
		return nil, fmt.Errorf("read the edge of a log of %d: %d of %d hashes", size, len(tops), len(need))
	}
	f.tops = tops
	return f, nil
}

// push adds one leaf and appends to out the hashes that are stored for it: its own, then each subtree it completes.
func (f *frontier) push(out []Hash, leaf Hash) []Hash {
	h := leaf
	out = append(out, h)
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.tops) - 1
		h = tlog.NodeHash(f.tops[last], h)
		f.tops = f.tops[:last]
		out = append(out, h)
	}
	f.tops = append(f.tops, h)
	f.size++
	return out
}

func (f *frontier) root() Hash {
	if len(f.tops) == 0 {
		h, err := tlog.TreeHash(0, nil)
		if err != nil {
			panic(err) // the empty tree reads nothing
		}
		return h
	}
	h := f.tops[len(f.tops)-1]
	for i := len(f.tops) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.tops[i], h)
	}
	return h
}
