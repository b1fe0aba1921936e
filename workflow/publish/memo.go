package publish

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"qingyang/workflow"
)

// remembered is how many signatures are remembered at least.
const remembered = 1 << 14

// Remembering returns a Signer that checks each signature once: whether a signature holds is a fact about bytes alone.
// Whether an item is proven is not, and is worked out anew each time. Only signatures that hold are remembered; what it signed
// itself holds, once the first signature of that key was seen to.
func Remembering(s workflow.Signer) workflow.Signer {
	if m, ok := s.(*memo); ok {
		return m
	}
	return &memo{Signer: s, young: map[[sha256.Size]byte]struct{}{}}
}

// memo keeps two generations of facts and forgets the elder when the younger is full.
type memo struct {
	workflow.Signer
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]struct{}
	own        string // the key with which it signed what was then verified: both halves belong together
}

// Sign signs with the present key.
func (m *memo) Sign(msg []byte) (key, sig string) {
	key, sig = m.Signer.Sign(msg)
	m.mu.Lock()
	ours := m.own == key
	if ours {
		m.put(fact(key, msg, sig))
	}
	m.mu.Unlock()
	if !ours && m.Verify(key, msg, sig) {
		m.mu.Lock()
		m.own = key
		m.mu.Unlock()
	}
	return key, sig
}

// Verify reports whether sig is key's signature over msg.
func (m *memo) Verify(key string, msg []byte, sig string) bool {
	k := fact(key, msg, sig)
	if m.known(k) {
		return true
	}
	if !m.Signer.Verify(key, msg, sig) {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(k)
	return true
}

// put is called with mu held.
func (m *memo) put(k [sha256.Size]byte) {
	if len(m.young) >= remembered {
		m.young, m.old = map[[sha256.Size]byte]struct{}{}, m.young
	}
	m.young[k] = struct{}{}
}

func (m *memo) known(k [sha256.Size]byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.young[k]
	if !ok {
		if _, ok = m.old[k]; ok {
			m.put(k)
		}
	}
	return ok
}

// fact names a triple; the lengths keep two triples from running together.
func fact(key string, msg []byte, sig string) [sha256.Size]byte {
	var b []byte
	for _, s := range []string{key, string(msg), sig} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return sha256.Sum256(b)
}
