// Package ledger is the arithmetic of the audit log: records, the Merkle tree over them, signed checkpoints, proofs and
// the keys that sign decisions. It does no I/O and imports nothing of this module, so that an exported log can be
// verified without the rest of the program.
//
// A record's seq is its position in the tree: the first is 0, and a log of n records ends with seq n-1.
package ledger

import (
	"encoding/json"
	"fmt"
	"time"
)

// The values of Record.Result. A refusal is an outcome: it is recorded like an act.
const (
	Done    = "done"
	Refused = "refused"
)

// Record is one act or one refusal. Its JSON in field order is the leaf of the tree; fields are only ever added at the
// end and left out when empty, so that every old leaf keeps its bytes. Person is the stable id, Name what was shown at
// the time. Item is 0 where no item is concerned; Digest is the manifest that a decision binds to.
type Record struct {
	At       time.Time         `json:"at"`
	Person   string            `json:"person"`
	Name     string            `json:"name"`
	Role     string            `json:"role"`
	OnBehalf string            `json:"on_behalf_of,omitempty"`
	Event    string            `json:"event"`
	Item     int64             `json:"item,omitempty"`
	Revision int               `json:"revision,omitempty"`
	Round    int               `json:"round,omitempty"`
	Digest   string            `json:"digest,omitempty"`
	From     string            `json:"from,omitempty"`
	To       string            `json:"to,omitempty"`
	Result   string            `json:"result"`
	Reasons  []string          `json:"reasons,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Address  string            `json:"address,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"`
	Key      string            `json:"key,omitempty"`
	Sig      string            `json:"sig,omitempty"`

	// Spooled says that the record is kept outside the log until the log can be written. It is no part of the record.
	Spooled bool `json:"-"`
}

// Bytes returns the canonical form of r: one line of JSON, its time in UTC at microseconds, map keys in order.
// It panics when the year of At lies outside 0 to 9999.
func (r Record) Bytes() []byte {
	r.At = r.At.UTC().Truncate(time.Microsecond)
	b, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("ledger: record at %v has no canonical form: %v", r.At, err))
	}
	return b
}

// Parse returns the record whose canonical form is leaf. Unknown fields are left alone: a newer program wrote them.
func Parse(leaf []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(leaf, &r); err != nil {
		return Record{}, fmt.Errorf("parse audit record: %w", err)
	}
	return r, nil
}

// Unsigned returns r without its signature: what the signature is over.
func (r Record) Unsigned() Record {
	r.Sig = ""
	return r
}

// Signed returns r with the name of k and its signature over all other fields.
func (r Record) Signed(k Key) Record {
	r.Key, r.Sig = k.ID, ""
	r.Sig = k.Sign(r.Bytes())
	return r
}
