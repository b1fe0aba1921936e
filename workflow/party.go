package workflow

import "slices"

// audienceOf returns the keys that a state adds for those whose step the item has reached (invariant 8).
func audienceOf(it Item, channels []Window) (keys []string, only bool) {
	switch it.State {
	case SecrecyReview:
		return append(parties(it), string(Reviewer)), false // its parties again, where it was closed to them
	case Rejected:
		return parties(it), false
	case LeaderApproval, Approved, Registered, Scheduled, Published:
		keys = []string{"lead:" + it.Unit, string(Chief)}
	case ChiefApproval:
		return []string{string(Chief)}, false
	case Referred, Sealed, Disposed:
		return []string{string(SecrecyOfficer)}, true
	case Draft, Scanning, UnitCheck, Countersign, Suspended, Returned, Denied, Cancelled, Withdrawn, Superseded, Expired:
		return nil, false
	}
	if it.State != LeaderApproval {
		keys = append(keys, string(DutyOfficer))
		keys = append(keys, publishers(channels)...)
	}
	return keys, false
}

// Waits returns the audience keys of those who are waited for as c stands.
func (c *Case) Waits() []string {
	it := c.Item
	leaders, publishing := []string{"lead:" + it.Unit, string(Chief)}, publishers(c.Revision.Content.Channels)
	switch it.State {
	case Returned, Draft:
		return []string{"person:" + it.Author}
	case UnitCheck:
		return []string{"head:" + it.Unit}
	case SecrecyReview:
		return []string{string(Reviewer)}
	case Countersign:
		return c.unsignedBy()
	case LeaderApproval:
		return leaders[:1]
	case ChiefApproval:
		return []string{string(Chief)}
	case Suspended:
		return leaders
	case Referred, Sealed:
		return []string{string(SecrecyOfficer)}
	case Approved, Registered, Scheduled:
		return publishing
	case Published:
		return c.publicWaits(leaders, publishing)
	case Scanning, Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired, Disposed:
		return nil
	}
	return nil
}

// publicWaits are those whom a public item waits for: something was found since, or somebody asked for its withdrawal.
func (c *Case) publicWaits(leaders, publishing []string) []string {
	_, asked := c.withdrawalAsked()
	_, approved := c.withdrawalApproved()
	switch {
	case c.Item.Open > 0:
		return slices.Concat(leaders, publishing)
	case approved:
		return publishing
	case asked:
		return leaders
	}
	return nil
}

// publishers returns the keys of those who publish on channels.
func publishers(channels []Window) []string {
	var keys []string
	for _, w := range channels {
		keys = append(keys, "pub:"+w.ID)
	}
	return keys
}
