package workflow

import (
	"slices"
	"strings"
	"time"
)

// ProposalState says what became of a petition.
type ProposalState string

// What a petition may be.
const (
	Proposed ProposalState = "proposed"
	Adopted  ProposalState = "approved"
	Declined ProposalState = "refused"
)

// Petition is what one person asks for and another decides: the head of a proposal of terms and of a Motion. By is empty for
// none, Decider until somebody decided. Keys are those of invariant 4 at the time of the act: whoever shares one with the
// asker is the asker, whatever the account is called.
type Petition struct {
	ID          int64         `json:"-"`
	State       ProposalState `json:"-"`
	Reason      string        `json:"reason"`
	By          string        `json:"by"`
	ByName      string        `json:"by_name"`
	ByKeys      []string      `json:"by_keys"`
	At          time.Time     `json:"at"`
	Decider     string        `json:"decider,omitempty"`
	DeciderName string        `json:"decider_name,omitempty"`
	DeciderKeys []string      `json:"decider_keys,omitempty"`
	DecidedAt   time.Time     `json:"decided_at,omitzero"`
	Answer      string        `json:"answer,omitempty"`
}

// petitioned is a's new petition.
func petitioned(a Actor, reason string, at time.Time) Petition {
	return Petition{State: Proposed, Reason: strings.TrimSpace(reason), By: a.ID, ByName: a.Name, ByKeys: a.Keys, At: at}
}

// decided returns p as a decided it.
func (p Petition) decided(a Actor, at time.Time, approve bool, answer string) Petition {
	p.State = Declined
	if approve {
		p.State = Adopted
	}
	p.Decider, p.DeciderName, p.DeciderKeys, p.DecidedAt, p.Answer = a.ID, a.Name, a.Keys, at, strings.TrimSpace(answer)
	return p
}

// entitled returns why a may neither ask for nor decide what holders of rs do, nil if a may.
func entitled(a Actor, rs []Role) error {
	switch {
	case !a.hasAny(rs):
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "role", Args: names(rs)}}}
	case a.Frozen || len(a.Keys) < 2: // without an employee number nobody acts
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "frozen"}}}
	}
	return nil
}

// decidable returns why a may not decide p: no decider, the asker, or too late, which is ErrStale. A refusal needs an answer.
func (p Petition) decidable(a Actor, approve bool, answer string) error {
	if err := entitled(a, Deciders); err != nil {
		return err
	}
	if samePerson(a.Person, p.By, p.ByKeys) {
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "proposer"}}}
	}
	if p.State != Proposed {
		return ErrStale
	}
	if !approve && !lengthOK(strings.TrimSpace(answer)) {
		return &RefusedError{Reasons: []Reason{{Code: "reason_length", Field: "answer"}}}
	}
	return nil
}

// samePerson reports whether p is the person who has that id or ever held one of keys (invariant 4).
func samePerson(p Person, id string, keys []string) bool {
	return p.ID == id || slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(p.Keys, k) })
}
