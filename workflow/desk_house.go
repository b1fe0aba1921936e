package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"qingyang/workflow/ledger"
)

// setupStep is how long a node may work with a configuration that another node replaced.
const setupStep = 2 * time.Second

// Setup returns the house's configuration. ErrMissing before the first Configure.
func (d *Desk) Setup(ctx context.Context) (Setup, error) {
	now := d.now()
	d.mu.Lock()
	s, at := d.setup, d.setupAt
	d.mu.Unlock()
	if !at.IsZero() && now.Sub(at) < setupStep {
		return s, nil
	}
	s, err := d.Store.Setup(ctx)
	if err == nil && !s.genuine(d.Signer, d.Seen) {
		err = fmt.Errorf("%w: %w", ErrForged, ErrUnavailable)
	}
	if err != nil {
		return Setup{}, fmt.Errorf("configuration: %w", err)
	}
	d.mu.Lock()
	d.setup, d.setupAt = s, now
	d.mu.Unlock()
	return s, nil
}

func (d *Desk) series(ctx context.Context) (string, error) {
	s, err := d.Setup(ctx)
	return s.Series, err
}

// Configure stores the first configuration, of device keys (given in clear) only the hash. It is for the host's command line
// at the first start; afterwards only DecideHouse changes it: ErrStale.
func (d *Desk) Configure(ctx context.Context, s Setup) error {
	s.Channels = slices.Clone(s.Channels)
	for i, c := range s.Channels {
		if c.Key != "" {
			s.Channels[i].Key = KeyHash(c.Key)
		}
	}
	s.Version = 1
	rec := with(record(d.now(), systemActor, System, Configured, nil), detailSetup, s.Sum())
	rec = signedRecord(d.Signer, with(rec, detailLive, strings.Join(s.liveIDs(), " ")))
	err := d.Store.InTx(ctx, func(tx Tx) error { return tx.PutSetup(ctx, s, rec) })
	if err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	d.forgetSetup()
	return d.Seen.See(d.Signer, rec)
}

func (d *Desk) forgetSetup() {
	d.mu.Lock()
	d.setupAt = time.Time{}
	d.mu.Unlock()
}

// liveIDs names the channels that begin live.
func (s Setup) liveIDs() (ids []string) {
	for _, c := range s.Channels {
		if c.State == ChannelLive {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Grants returns what was granted to p: nothing if the rows are not what was signed, or older than what this host has seen.
func (d *Desk) Grants(ctx context.Context, p Person) ([]Grant, error) {
	gs, text, err := d.Store.Grants(ctx, p.ID)
	if err != nil || len(gs) > 0 && !grantsGenuine(d.Signer, d.Seen, p, gs, text) {
		return nil, err
	}
	return gs, nil
}

// Enrol makes the person of a directory entry known with the given roles, replacing former ones. ErrIllegal if a security
// administrator or an auditor would hold another role.
func (d *Desk) Enrol(ctx context.Context, e DirectoryEntry, grants []Grant) error {
	for _, g := range grants {
		alone := g.Role == SecurityAdmin || g.Role == Auditor
		if alone && len(grants) > 1 || g.Role == System {
			return fmt.Errorf("enrol %s as %s with other roles: %w", e.Account, g.Role, ErrIllegal)
		}
	}
	p, err := d.Store.PersonByAccount(ctx, e.Account)
	if errors.Is(err, ErrMissing) {
		p, err = Person{ID: e.Account, Keys: []string{"id:" + e.ID, "emp:" + e.Employee}}, nil
	}
	if err != nil {
		return err
	}
	p.Name, p.Unit = e.Name, e.Unit
	rec := record(d.now(), systemActor, System, Granted, nil)
	rec.Detail = map[string]string{detailTo: p.ID, detailKeys: KeysSum(p)}
	rec.Reasons = GrantNames(grants)
	rec = signedRecord(d.Signer, rec)
	err = d.Store.InTx(ctx, func(tx Tx) error {
		return errors.Join(tx.PutPerson(ctx, p, e.Account), tx.PutGrants(ctx, p.ID, grants, rec))
	})
	if err != nil {
		return fmt.Errorf("enrol %s: %w", e.Account, err)
	}
	return d.Seen.See(d.Signer, rec)
}

// Channels returns all channels as they are, to any staff.
func (d *Desk) Channels(ctx context.Context, _ Actor) ([]Channel, error) {
	return d.channels(ctx)
}

func (d *Desk) channels(ctx context.Context) ([]Channel, error) {
	cs, err := d.Store.Channels(ctx)
	for i, c := range cs {
		cs[i] = c.Standing(d.Signer, d.Seen)
	}
	return cs, err
}

// MayHalt reports whether a may halt ch: its publishers, reviewers, leaders, the chief and the person on duty, alone.
func (d *Desk) MayHalt(a Actor, ch Channel) bool {
	return ch.State == ChannelLive && !a.Frozen && (a.Has(Publisher, ch.ID) || a.Has(Reviewer, "") || a.Has(Leader, "") ||
		a.Has(Chief, "") || a.Has(DutyOfficer, ""))
}

// MayResume reports whether a may resume ch: a leader or the chief who did not halt it.
func (d *Desk) MayResume(a Actor, ch Channel) bool {
	return ch.State == ChannelHalted && !a.Frozen && ch.By != a.ID && (a.Has(Leader, "") || a.Has(Chief, ""))
}

// Halt makes a channel show its maintenance page at once. It needs only the database. *RefusedError, ErrIllegal if halted.
func (d *Desk) Halt(ctx context.Context, a Actor, channel, reason string) error {
	return d.switchChannel(ctx, a, channel, reason, HaltChannel)
}

// Resume lets a halted channel show its items again.
func (d *Desk) Resume(ctx context.Context, a Actor, channel, reason string) error {
	return d.switchChannel(ctx, a, channel, reason, ResumeChannel)
}

func (d *Desk) switchChannel(ctx context.Context, a Actor, id, reason string, e Event) error {
	chans, err := d.channels(ctx)
	if err != nil {
		return fmt.Errorf("%s %s: %w", e, id, err)
	}
	i := slices.IndexFunc(chans, func(c Channel) bool { return c.ID == id })
	if i < 0 {
		return fmt.Errorf("%s %s: %w", e, id, ErrMissing)
	}
	ch := chans[i]
	rec := record(d.now(), a, haltRole(a, id), e, nil)
	rec = with(rec, detailChannel, id)
	rec.From = ch.State
	if err := d.switchable(a, ch, reason, e); err != nil {
		return errors.Join(fmt.Errorf("%s %s: %w", e, id, err), d.note(ctx, refusal(rec, err)))
	}
	ch.State, ch.By, ch.Reason = ChannelHalted, a.ID, reason
	if e == ResumeChannel {
		ch.State, ch.By, ch.Reason = ChannelLive, "", ""
	}
	next := ch
	next.Gen++
	rec = AttestChannel(d.Signer, rec, next)
	err = d.setChannel(ctx, ch, rec)
	if d.spools(e, err) {
		rec = d.aside(rec)
		if err = d.keepAside(rec); err == nil {
			err = d.setChannel(ctx, ch, rec)
		}
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", e, id, err)
	}
	return d.Seen.See(d.Signer, rec)
}

func (d *Desk) setChannel(ctx context.Context, ch Channel, rec ledger.Record) error {
	if err := d.owes(Event(rec.Event)); err != nil {
		return err
	}
	return d.Store.InTx(ctx, func(tx Tx) error { return tx.SetChannel(ctx, ch, rec) })
}

func (d *Desk) switchable(a Actor, ch Channel, reason string, e Event) error {
	may, want := d.MayHalt(a, ch), ChannelLive
	if e == ResumeChannel {
		may, want = d.MayResume(a, ch), ChannelHalted
	}
	switch {
	case ch.State != want:
		return ErrIllegal
	case !may && e == ResumeChannel && ch.By == a.ID:
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "same_person"}}}
	case !may:
		return &RefusedError{Denied: true, Reasons: []Reason{{Code: "role", Args: names([]Role{Publisher, Leader, Chief})}}}
	case !lengthOK(strings.TrimSpace(reason)):
		return &RefusedError{Reasons: []Reason{{Code: "reason_missing", Field: "reason"}}}
	}
	return nil
}

// Tampered puts on the log that somebody else wrote on a channel; what names the thing that was edited.
func (d *Desk) Tampered(ctx context.Context, channel, what string) error {
	rec := record(d.now(), systemActor, System, Tampered, nil)
	rec.Detail = map[string]string{"channel": channel, "what": what}
	return d.note(ctx, signedRecord(d.Signer, rec))
}

func haltRole(a Actor, channel string) Role {
	for _, r := range []Role{Publisher, Reviewer, Leader, Chief, DutyOfficer} {
		if a.Has(r, "") && (r != Publisher || a.Has(r, channel)) {
			return r
		}
	}
	return ""
}
