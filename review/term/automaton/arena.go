package automaton

import "math/bits"

// arena is the double array while it grows. Slot and base are apart by an XOR with the code, so a
// node's children lie in one span of size slots. No two nodes share a base: the code alone then
// tells whose child a slot is. Base 0 and slot 0 are never given out.
type arena struct {
	node  []uint64
	free  []uint64 // bitmap of slots
	bases []uint64 // bitmap of bases not yet given out
	size  int
	rover [8]int // word where the search for a node with 1, 2.. children goes on
}

func (a *arena) extend() uint32 {
	o := len(a.node)
	a.node = append(a.node, make([]uint64, a.size)...)
	for i := o; i < len(a.node); i++ {
		a.node[i] = codeSkip // no child has this code
	}
	for range a.size / 64 {
		a.free, a.bases = append(a.free, ^uint64(0)), append(a.bases, ^uint64(0))
	}
	if o == 0 {
		a.free[0], a.bases[0] = ^uint64(1), ^uint64(1)
	}
	return uint32(o)
}

// place finds a base whose slots for all codes in ks are free: 64 bases are tried at once.
func (a *arena) place(ks []uint16) uint32 {
	base, found := uint32(0), false
	rv := &a.rover[min(len(ks), 8)-1]
	w, tries := *rv, len(a.free)
	if len(ks) > 1 {
		tries = min(tries, 4096)
	}
	for range tries {
		g := a.bases[w]
		for _, c := range ks {
			f := a.free[w^int(c>>6)]
			if f != 0 { // most words are full
				f = xorBits(f, uint(c))
			}
			if g &= f; g == 0 {
				break
			}
		}
		if g != 0 {
			base, found = uint32(w<<6+bits.TrailingZeros64(g)), true
			break
		}
		if w++; w == len(a.free) {
			w = 0
		}
	}
	if !found {
		base = a.extend()
		w = int(base >> 6)
	}
	*rv = w
	a.bases[base>>6] &^= 1 << (base & 63)
	for _, c := range ks {
		p := base ^ uint32(c)
		a.free[p>>6] &^= 1 << (p & 63)
		a.node[p] = uint64(c)
	}
	return base
}

// xorBits moves bit i of f to bit i^x, for the low six bits of x.
func xorBits(f uint64, x uint) uint64 {
	for b, m := range [5]uint64{
		0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF,
	} {
		if x>>b&1 != 0 {
			f = f>>(1<<b)&m | f&m<<(1<<b)
		}
	}
	return bits.RotateLeft64(f, int(x&32))
}
