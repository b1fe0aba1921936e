package workflow

import "slices"

// counted returns the decision of e that counts now. That is one of the present round on the present digest; the author's
// submission and the unit's check also count in a later round of the very same text, if nobody sent it back in between.
func (c *Case) counted(e Event) (Decision, bool) {
	if d, ok := c.signed(e); ok {
		return d, true
	}
	return NewManifest(c.Item, c.Revision).Carried(c.Decisions, e)
}

// Carried returns the decision of e, submit or unit_pass, that was made on m in an earlier round, or before its class was
// raised, and still counts. A rescan, a
// reinstatement or an answer of the secrecy office opens a round at the reviewer's desk: the review begins anew, but what the
// unit says of its own text is not asked twice. What was sent back or taken back since is said no longer (invariant 2).
func (m Manifest) Carried(ds []Decision, e Event) (Decision, bool) {
	if e != Submit && e != UnitPass {
		return Decision{}, false
	}
	for _, d := range slices.Backward(ds) {
		if d.Event == Return || d.Event == Recall {
			break
		}
		if d.Event == e && d.Item == m.Item && d.Revision == m.Revision && d.Round <= m.Round && m.was(d) {
			return d, true
		}
	}
	return Decision{}, false
}

// was reports whether d was made on m as it was in d's round, when its class may have been lower.
func (m Manifest) was(d Decision) bool {
	m.Round = d.Round
	if d.Digest == m.Digest() {
		return true
	}
	m.Class = Ordinary
	return d.Digest == m.Digest()
}
