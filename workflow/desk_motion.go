package workflow

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"qingyang/workflow/ledger"
)

// Who has to do with motions: Applicants may ask for other people's roles, within their units; Furnishers propose changes of
// the house; Deciders decide both; Wardens see all of them. Anybody may ask for themselves.
var (
	Applicants = []Role{UnitHead, Leader, Chief, SecurityAdmin}
	Furnishers = []Role{Publisher}
	Wardens    = []Role{SecurityAdmin, Auditor}
	Housemates = []Role{Publisher, SecurityAdmin, Auditor}
)

// sees reports whether a may know of m: wardens of all, publishers of the house's, others of what they asked for or what
// concerns them.
func (m Motion) sees(a Actor) bool {
	return a.hasAny(Wardens) || m.Kind == HouseMotion && a.hasAny(Housemates) || m.By == a.ID || m.Concerns() == a.ID
}

// Motions returns the motions of a kind that a may know of. ErrMissing for who has no part in that kind.
func (d *Desk) Motions(ctx context.Context, a Actor, q MotionQuery) ([]Motion, error) {
	switch {
	case a.hasAny(Wardens):
	case q.Kind == HouseMotion && !a.hasAny(Housemates):
		return nil, fmt.Errorf("motions: %w", ErrMissing)
	case q.Kind == RoleMotion:
		q.Person = a.ID
	}
	return d.Store.Motions(ctx, q)
}

// file stores a motion that was found good, with its record. *RefusedError if the same is waiting already.
func (d *Desk) file(ctx context.Context, m Motion, rec ledger.Record) (Motion, error) {
	err := d.Store.InTx(ctx, func(tx Tx) (err error) {
		m.ID, err = tx.File(ctx, m, signedRecord(d.Signer, rec))
		return err
	})
	if errors.Is(err, ErrIllegal) {
		err = &RefusedError{Reasons: []Reason{{Code: "motion_waits"}}}
		return m, errors.Join(err, d.note(ctx, refusal(rec, err)))
	}
	return m, err
}

// motion returns a motion that a may know of, else ErrMissing.
func (d *Desk) motion(ctx context.Context, a Actor, kind MotionKind, id int64) (Motion, error) {
	m, err := d.Store.Motion(ctx, kind, id)
	if err == nil && !m.sees(a) {
		err = ErrMissing
	}
	if err != nil {
		return Motion{}, fmt.Errorf("%s motion %d: %w", kind, id, err)
	}
	return m, nil
}

// motionRecord is the record of an act on m.
func (d *Desk) motionRecord(a Actor, role Role, e Event, m Motion) ledger.Record {
	rec := record(d.now(), a, role, e, nil)
	rec.Digest, rec.Detail = m.digest(), map[string]string{"subject": m.Subject()}
	rec.From, rec.To = string(m.State), string(m.State)
	if m.ID != 0 {
		rec.Detail["motion"], rec.Detail["by"] = strconv.FormatInt(m.ID, 10), m.By
	}
	if m.Role != nil {
		rec.Detail["paper"] = m.Role.Paper
	}
	return rec
}

// settle writes what was decided of m with what that changes, in one transaction. Who comes second is on the log too: rec is
// the record without what only the winner's says.
func (d *Desk) settle(ctx context.Context, m Motion, rec ledger.Record, change func(Tx) error) error {
	err := d.Store.InTx(ctx, func(tx Tx) error {
		if err := tx.Settle(ctx, m); err != nil {
			return err
		}
		return change(tx)
	})
	if errors.Is(err, ErrStale) {
		rec.To = rec.From
		return errors.Join(err, d.note(ctx, refusal(rec, ErrStale)))
	}
	return err
}

// declined writes that a motion was refused.
func (d *Desk) declined(ctx context.Context, m Motion, rec ledger.Record) error {
	rec.To = string(m.State)
	return d.settle(ctx, m, rec, func(tx Tx) error { return tx.Note(ctx, signedRecord(d.Signer, rec)) })
}

// ProposeHouse asks for a change of the house: p as it shall be. *RefusedError with every reason against it, on the log.
func (d *Desk) ProposeHouse(ctx context.Context, a Actor, p HousePart, reason string) (Motion, error) {
	s, err := d.freshSetup(ctx)
	if err != nil {
		return Motion{}, err
	}
	c := s.changing(p)
	m := Motion{Kind: HouseMotion, Petition: petitioned(a, reason, d.now()), House: &c}
	rec := d.motionRecord(a, keeping(a, Furnishers), ProposeHouse, m)
	if err := d.furnishable(a, m, s); err != nil {
		return m, errors.Join(fmt.Errorf("propose %s: %w", m.Subject(), err), d.note(ctx, refusal(rec, err)))
	}
	return d.file(ctx, m, rec)
}

func (d *Desk) furnishable(a Actor, m Motion, s Setup) error {
	if err := entitled(a, Furnishers); err != nil {
		return err
	}
	rs := m.House.judge(s, d.today())
	if !lengthOK(m.Reason) {
		rs = append(rs, Reason{Code: "reason_length", Field: "reason"})
	}
	if len(rs) > 0 {
		return &RefusedError{Reasons: rs}
	}
	return nil
}

func (d *Desk) today() string { return d.now().In(Beijing).Format("2006-01-02") }

// freshSetup is Setup as the store has it now, not as it was up to setupStep ago.
func (d *Desk) freshSetup(ctx context.Context) (Setup, error) {
	d.forgetSetup()
	return d.Setup(ctx)
}

// DecideHouse approves or refuses a change of the house. Approving makes the configuration's next version, in force here when
// it returns and on other nodes within setupStep; items under way keep the route they began with. *RefusedError for the
// proposer and for whatever is against it by now; ErrStale if someone else decided meanwhile.
func (d *Desk) DecideHouse(ctx context.Context, a Actor, id int64, approve bool, answer string) (Motion, error) {
	m, err := d.motion(ctx, a, HouseMotion, id)
	if err != nil {
		return m, err
	}
	s, err := d.freshSetup(ctx)
	if err != nil {
		return m, err
	}
	event := RefuseHouse
	if approve {
		event = Configured
	}
	rec := d.motionRecord(a, keeping(a, Deciders), event, m)
	if err := d.houseDecidable(a, m, s, approve, answer); err != nil {
		return m, errors.Join(fmt.Errorf("%s %d: %w", event, id, err), d.note(ctx, refusal(rec, err)))
	}
	m.Petition = m.decided(a, rec.At, approve, answer)
	if !approve {
		return m, d.declined(ctx, m, rec)
	}
	s = s.with(m.House.Now)
	s.Version++
	m.Version = s.Version
	return m, d.reconfigured(ctx, m, s, rec)
}

// reconfigured writes an approved configuration.
func (d *Desk) reconfigured(ctx context.Context, m Motion, s Setup, rec ledger.Record) error {
	rec.To = string(m.State)
	word := with(with(rec, "version", strconv.FormatInt(s.Version, 10)), detailSetup, s.Sum())
	word = signedRecord(d.Signer, word)
	err := d.settle(ctx, m, rec, func(tx Tx) error { return tx.PutSetup(ctx, s, word) })
	if err != nil {
		return fmt.Errorf("approve %s: %w", m.Subject(), err)
	}
	d.forgetSetup()
	return d.Seen.See(d.Signer, word)
}

// houseDecidable judges the change again, against the house as it is now: what changed since it was proposed was not what its
// proposer looked at.
func (d *Desk) houseDecidable(a Actor, m Motion, s Setup, approve bool, answer string) error {
	if err := m.decidable(a, approve, answer); err != nil || !approve {
		return err
	}
	rs := m.House.judge(s, d.today())
	if sum(s.part(m.House.Now)) != sum(m.House.Was) {
		rs = append(rs, Reason{Code: "house_moved"})
	}
	if len(rs) > 0 {
		return &RefusedError{Reasons: rs}
	}
	return nil
}
