package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"qingyang/workflow/ledger"
)

// sign adds the person's decision, signed, and binds the record to it and to the rows that it leaves. What the system or an
// editor does is no decision.
func (d *Desk) sign(in input, r rule, ch *Change) {
	role := acting(r, in.a, in.c)
	ch.Record.Role = string(role)
	if f := in.m.file; f != nil {
		ch.Record.Detail = map[string]string{"sha256": f.SHA256} // a file's name is text of the item
	}
	if in.m.Event == Dispose {
		ch.Record.Detail = map[string]string{"finding": in.m.finding, "verdict": string(in.m.verdict)}
	}
	if ch.Void {
		ch.Record = with(ch.Record, "void", in.c.Item.Number)
	}
	if role != System && r.To != "" {
		d.signDecision(in, r, role, ch)
	}
	if in.m.spool {
		defer func() { ch.Record = d.aside(ch.Record) }()
	}
	if !in.whole { // taken down all the same, but what cannot be vouched for never becomes so
		ch.Record = signedRecord(d.Signer, ch.Record)
		return
	}
	ch.Record = Attest(d.Signer, ch.Record, in.c.next(*ch))
}

// signDecision adds the decision of a person.
func (d *Desk) signDecision(in input, r rule, role Role, ch *Change) {
	m := in.m
	dec := Decision{
		Item: in.c.Item.ID, Event: m.Event, Revision: in.c.Item.Revision, Round: in.c.Item.Round, Digest: in.c.Item.Digest,
		Person: in.a.ID, Name: in.a.Name, Role: role, Duty: r.Duty, Opinion: strings.TrimSpace(m.Opinion),
		ReasonCode: m.ReasonCode, Reason: strings.TrimSpace(m.Reason), Terms: m.Terms, At: in.now,
	}
	if in.a.OnBehalf != nil {
		dec.OnBehalf, dec.BehalfName = in.a.OnBehalf.ID, in.a.OnBehalf.Name
	}
	if m.Event == Submit { // the author signs what leaves their hands, renditions included
		dec.Revision, dec.Digest = ch.Item.Revision, ch.Item.Digest
	}
	dec.Key = d.Signer.Key()
	_, dec.Sig = d.Signer.Sign(dec.SigningBytes())
	ch.Decision = &dec
	ch.Record = with(ch.Record, detailDecision, dec.Sum())
}

// Sum names a decision on the log: the SHA-256 of what its signature covers, in hex.
func (d Decision) Sum() string {
	h := sha256.Sum256(d.SigningBytes())
	return hex.EncodeToString(h[:])
}

// removes reports whether e only ever takes an item from the public: it must be possible whatever is wrong with the rest.
func removes(e Event) bool {
	return e == Suspend || e == ConfirmTakedown || e == Withdraw || e == Follow || e == Supersede || e == Seal || e == Expire
}

// signedRecord returns rec signed over all its other fields, as ledger.Record.Signed does.
func signedRecord(s Signer, rec ledger.Record) ledger.Record {
	rec.Key, rec.Sig = s.Key(), ""
	_, rec.Sig = s.Sign(rec.Bytes())
	return rec
}
