package workflow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// maxSigners is how many units may be asked to sign one text.
const maxSigners = 5

// ChiefToo reports whether the principal leader must approve besides: of what is important, and of a text that an asked signer
// dissented from, whatever became of that round.
func (c *Case) ChiefToo() bool {
	return c.Item.Class != Ordinary || Dissented(c.Decisions)
}

// Dissented reports whether a signer dissented and did not agree to a later text: an edit alone ends no dissent, or one space
// more would.
func Dissented(ds []Decision) bool {
	last := map[string]string{}
	for _, d := range ds {
		if d.Event == Cosign {
			last[d.Person] = d.Terms.Result
		}
	}
	return slices.Contains(slices.Collect(maps.Values(last)), Dissent)
}

// unsignedBy returns the audience keys of those who were asked last and have not answered.
func (c *Case) unsignedBy() (keys []string) {
	for _, p := range c.signers() {
		keys = append(keys, "person:"+p)
	}
	return keys
}

// signers returns who was asked to sign and has not answered, while c waits for that.
func (c *Case) signers() []string {
	if c.Item.State != Countersign {
		return nil
	}
	var answered []string
	for _, d := range slices.Backward(c.Decisions) {
		if d.Event == Cosign {
			answered = append(answered, d.Person)
		}
		if d.Event == AskCountersign {
			return slices.DeleteFunc(slices.Clone(d.Terms.Persons), func(p string) bool { return slices.Contains(answered, p) })
		}
	}
	return nil
}

// closes reports whether m, a signer's answer, ends the asking: it is the last one, or dissents.
func (c *Case) closes(m Move) bool { return len(c.signers()) <= 1 || m.Terms.Result == Dissent }

func askedToSign(in input) []Reason {
	return why(slices.Contains(in.c.signers(), in.a.ID), "not_asked")
}

func signedSo(in input) []Reason {
	if r := in.m.Terms.Result; r != Agree && r != Dissent {
		return []Reason{{Code: "unknown_value", Field: "result", Args: []string{"agree, dissent"}}}
	}
	return nil
}

// signersFit wants each who is named to be known, to hold the role, and to have played no other part.
func signersFit(in input) []Reason {
	ps := in.m.Terms.Persons
	if len(ps) == 0 {
		return []Reason{{Code: "missing", Field: "persons"}}
	}
	if len(ps) > maxSigners || len(slices.Compact(slices.Sorted(slices.Values(ps)))) < len(ps) {
		return []Reason{{Code: "persons_count", Field: "persons", Args: []string{strconv.Itoa(maxSigners)}}}
	}
	var rs []Reason
	for _, p := range ps {
		rs = append(rs, fit(in, p, Countersigner, "", SignerDuty, "persons")...)
	}
	return rs
}

// fit wants p to hold role, and to have played nothing in the item but d.
func fit(in input, p string, role Role, scope string, d Duty, field string) []Reason {
	i := slices.IndexFunc(in.m.named, func(a Actor) bool { return a.ID == p })
	switch {
	case i < 0 || in.m.named[i].Frozen || !in.m.named[i].Has(role, scope):
		return []Reason{{Code: "person_unfit", Field: field, Args: []string{p}}}
	case otherDuty(in.c.hands(), in.m.named[i].hands(d)) != "":
		return []Reason{{Code: "person_took_part", Field: field, Args: []string{in.m.named[i].Name}}}
	}
	return nil
}

func askSigners(in input, ch *Change) {
	for _, p := range in.m.Terms.Persons {
		ch.Audience = append(ch.Audience, "person:"+p)
	}
}

func mayRise(in input) []Reason { return why(in.c.Item.Class == Ordinary, "class_highest") }

// rise changes the digest: what the unit said of the text counts on (see Carried), what others will say is on the new one.
func rise(in input, ch *Change) {
	ch.Item.Class = Important
	ch.Item.Digest = NewManifest(ch.Item, in.c.Revision).Digest()
}

// heir wants another author of the same unit.
func heir(in input) []Reason {
	to := in.m.Terms.To
	if to == "" {
		return []Reason{{Code: "missing", Field: "to"}}
	}
	if to == in.c.Item.Author {
		return []Reason{{Code: "author_already", Field: "to"}}
	}
	return fit(in, to, Drafter, in.c.Item.Unit, AuthorDuty, "to")
}

func handOver(in input, ch *Change) {
	i := slices.IndexFunc(in.m.named, func(a Actor) bool { return a.ID == in.m.Terms.To })
	to := in.m.named[i]
	ch.Item.Author, ch.Item.AuthorName = to.ID, to.Name
	ch.Hands = to.hands(AuthorDuty)
	ch.Audience = append(ch.Audience, "person:"+to.ID)
}

// named returns the persons with these ids and their roles; who is not known is left out.
func (d *Desk) named(ctx context.Context, ids []string) (out []Actor, err error) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		p, err := d.Store.PersonByAccount(ctx, id)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("person %s: %w", id, err)
		}
		a := Actor{Person: p}
		if a.Grants, err = d.Grants(ctx, p); err != nil {
			return nil, fmt.Errorf("roles of %s: %w", id, err)
		}
		out = append(out, a)
	}
	return out, nil
}

// nameable returns who may be named where one of v's offers asks for persons.
func (d *Desk) nameable(ctx context.Context, v *View) ([]Person, error) {
	role, scope, duty := Role(""), "", SignerDuty
	for _, o := range v.Offers {
		if o.Event == AskCountersign {
			role = Countersigner
		}
		if o.Event == Reassign {
			role, scope, duty = Drafter, v.Item.Unit, AuthorDuty
		}
	}
	if role == "" {
		return nil, nil
	}
	ps, err := d.Store.Holders(ctx, role, scope)
	if err != nil {
		return nil, fmt.Errorf("holders of %s: %w", role, err)
	}
	return slices.DeleteFunc(ps, func(p Person) bool {
		return p.Frozen || p.ID == v.Item.Author || otherDuty(v.hands(), Actor{Person: p}.hands(duty)) != ""
	}), nil
}
