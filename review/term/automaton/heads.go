package automaton

import (
	"cmp"
	"slices"
)

// heads are the first two codes of all terms, in a hash table without collisions (hash and displace): a code may be followed by
// hundreds of others, and sets of that size do not fit into each other in a double array. It is as large as it is full, to
// seven eighths, whatever the words are.
type heads struct {
	node []uint64 // second code 16 | base 24 | 1+id 24
	lead []uint16 // the first code of each
	move []uint16 // by bucket of the hash: what leads all its pairs to places of their own
}

// slot returns the place of the pair with that hash, if it is one of them.
func (h *heads) slot(hash uint64) uint32 {
	b := hash >> 32 * uint64(len(h.move)) >> 32
	return place(hash, h.move[b], uint64(len(h.node)))
}

// place returns one of n places for a hash, another one for each move.
func place(hash uint64, move uint16, n uint64) uint32 {
	x := (hash ^ uint64(move)*0xD6E8FEB86659FD93) * 0xA0761D6478BD642F >> 32
	return uint32(x * n >> 32)
}

const perBucket = 3 // pairs, on average

// newHeads returns places for pairs with these hashes, all different. Where no move is left for a bucket it begins again with
// more room.
func newHeads(hashes []uint64) *heads {
	for room := len(hashes)*8/7 + 1; ; room += room/8 + 1 {
		h := &heads{node: make([]uint64, room), lead: make([]uint16, room), move: make([]uint16, len(hashes)/perBucket+1)}
		for i := range h.node {
			h.node[i], h.lead[i] = codeSkip, codeSkip // no code of a text
		}
		if h.settle(hashes) {
			return h
		}
	}
}

// settle finds a move for each bucket, the largest first while there is most room.
func (h *heads) settle(hashes []uint64) bool {
	bucket := func(x uint64) int { return int(x >> 32 * uint64(len(h.move)) >> 32) }
	sorted := slices.Clone(hashes)
	slices.Sort(sorted) // buckets are runs of it
	var runs [][]uint64
	for i := 0; i < len(sorted); {
		k := i + 1
		for k < len(sorted) && bucket(sorted[k]) == bucket(sorted[i]) {
			k++
		}
		runs = append(runs, sorted[i:k])
		i = k
	}
	slices.SortStableFunc(runs, func(a, b []uint64) int { return cmp.Compare(len(b), len(a)) })
	taken := make([]bool, len(h.node))
	for _, run := range runs {
		move, ok := settleRun(run, taken)
		if !ok {
			return false
		}
		h.move[bucket(run[0])] = move
	}
	return true
}

// settleRun takes places for one bucket.
func settleRun(run []uint64, taken []bool) (uint16, bool) {
	n := uint64(len(taken))
next:
	for move := range 1 << 16 {
		for i, x := range run {
			p := place(x, uint16(move), n)
			if taken[p] {
				for _, y := range run[:i] {
					taken[place(y, uint16(move), n)] = false
				}
				continue next
			}
			taken[p] = true
		}
		return uint16(move), true
	}
	return 0, false
}
