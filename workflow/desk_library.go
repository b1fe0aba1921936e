package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"qingyang/review"
	"qingyang/workflow/ledger"
)

// Keepers propose changes of the library; Deciders approve or refuse them. Readers see both.
var (
	Keepers  = []Role{Reviewer}
	Deciders = []Role{SecurityAdmin}
	Readers  = []Role{Reviewer, SecurityAdmin, Auditor}
)

func (a Actor) hasAny(rs []Role) bool {
	return slices.ContainsFunc(rs, func(r Role) bool { return a.Has(r, "") })
}

// versionsAtOnce bounds what is read of the library's history in one go.
const versionsAtOnce = 100

// FollowLibrary puts in force what other nodes made of the library since the last call, and compiles anew what Apply left to
// be done. Its owner calls it several times a second.
func (d *Desk) FollowLibrary(ctx context.Context) error {
	d.libMu.Lock()
	defer d.libMu.Unlock()
	if err := d.catchUp(ctx); err != nil || !d.Lexicon.Expired() {
		return err
	}
	return d.install()
}

// upToDate puts in force what the store has, as quickly as it goes.
func (d *Desk) upToDate(ctx context.Context) error {
	d.libMu.Lock()
	defer d.libMu.Unlock()
	return d.catchUp(ctx)
}

func (d *Desk) catchUp(ctx context.Context) error {
	anew := false
	for {
		house := d.library.Load()
		vs, err := d.Store.LibraryVersions(ctx, house.Version, versionsAtOnce)
		if err != nil {
			return fmt.Errorf("follow the library: %w", err)
		}
		for _, v := range vs {
			live, err := d.Lexicon.Apply(v)
			if err != nil {
				return fmt.Errorf("library version %d: %w", v.Version, err)
			}
			anew = anew || !live
		}
		if len(vs) > 0 {
			d.library.Store(house.after(vs, d.Lexicon.Fold))
		}
		if len(vs) < versionsAtOnce {
			break
		}
	}
	if anew {
		return d.install()
	}
	return nil
}

func (d *Desk) install() error {
	house := d.library.Load()
	if err := d.Lexicon.Install(house); err != nil {
		return fmt.Errorf("library version %d: %w", house.Version, err)
	}
	return nil
}

// House returns the house's library as it is in force here, to its readers.
func (d *Desk) House(_ context.Context, a Actor) (*Library, error) {
	if !a.hasAny(Readers) {
		return nil, fmt.Errorf("library: %w", ErrMissing)
	}
	return d.library.Load(), nil
}

// BuiltIn returns the built-in libraries, to readers.
func (d *Desk) BuiltIn(_ context.Context, a Actor) ([]BuiltIn, error) {
	if !a.hasAny(Readers) || d.Lexicon == nil {
		return nil, fmt.Errorf("library: %w", ErrMissing)
	}
	return d.Lexicon.BuiltIn(), nil
}

// filled returns cs with the terms as they are now where a change does not say what it saw.
func (l *Library) filled(cs []LibraryChange) []LibraryChange {
	cs = slices.Clone(cs)
	for i, c := range cs {
		cs[i].Term = c.Term.normal()
		if now, ok := l.Term(c.Term.Text); ok && c.Was == nil && (c.Op == ChangeTerm || c.Op == RemoveTerm) {
			cs[i].Was = &now
		}
		if c.Op == RemoveTerm && cs[i].Was != nil {
			cs[i].Term = *cs[i].Was
		}
	}
	return cs
}

// normal returns t as it is stored: trimmed, times in UTC.
func (t Term) normal() Term {
	t.Text, t.Category = strings.TrimSpace(t.Text), strings.TrimSpace(t.Category)
	t.Basis, t.Why, t.Suggest = strings.TrimSpace(t.Basis), strings.TrimSpace(t.Why), strings.TrimSpace(t.Suggest)
	if !t.From.IsZero() {
		t.From = t.From.UTC().Truncate(time.Microsecond)
	}
	if !t.Until.IsZero() {
		t.Until = t.Until.UTC().Truncate(time.Microsecond)
	}
	return t
}

// Propose asks for changes of the library with a reason. *RefusedError with every reason against it, on the log.
func (d *Desk) Propose(ctx context.Context, a Actor, cs []LibraryChange, reason string) (Proposal, error) {
	house := d.library.Load()
	p := Proposal{Petition: petitioned(a, reason, d.now()), Base: house.Version}.withChanges(house.filled(cs))
	rec := record(p.At, a, keeping(a, Keepers), ProposeTerms, nil)
	rec.Digest, rec.Detail = p.digest(), map[string]string{"changes": strconv.Itoa(p.Count), "base": strconv.FormatInt(p.Base, 10)}
	if err := d.proposable(a, p); err != nil {
		return p, errors.Join(fmt.Errorf("propose terms: %w", err), d.note(ctx, refusal(rec, err)))
	}
	err := d.Store.InTx(ctx, func(tx Tx) (err error) {
		p.ID, err = tx.Propose(ctx, p, signedRecord(d.Signer, rec))
		return err
	})
	if err != nil {
		return p, fmt.Errorf("propose terms: %w", err)
	}
	return p, nil
}

func keeping(a Actor, rs []Role) Role {
	for _, r := range rs {
		if a.Has(r, "") {
			return r
		}
	}
	return ""
}

// keeper returns why a may not act on the library at all.
func (d *Desk) keeper(a Actor, rs []Role) error {
	if d.Lexicon == nil {
		return &RefusedError{Reasons: []Reason{{Code: "library_none"}}}
	}
	return entitled(a, rs)
}

func (d *Desk) proposable(a Actor, p Proposal) error {
	if err := d.keeper(a, Keepers); err != nil {
		return err
	}
	rs := newShelf(d.library.Load(), d.Lexicon).judge(p.Changes)
	if !lengthOK(p.Reason) {
		rs = append(rs, Reason{Code: "reason_length", Field: "reason"})
	}
	if len(rs) > 0 {
		return &RefusedError{Reasons: rs}
	}
	return nil
}

// Decide approves or refuses a proposal, with an answer that a refusal needs. Approving makes the next version of the
// library, in force here when Decide returns and on other nodes within a second, and has every item checked again that it
// may concern. Never the proposer: *RefusedError; ErrStale if someone else decided meanwhile.
func (d *Desk) Decide(ctx context.Context, a Actor, id int64, approve bool, answer string) (Proposal, error) {
	if !a.hasAny(Readers) {
		return Proposal{}, fmt.Errorf("proposal %d: %w", id, ErrMissing)
	}
	if d.Lexicon != nil {
		if err := d.upToDate(ctx); err != nil {
			return Proposal{}, err
		}
	}
	p, err := d.Store.Proposal(ctx, id)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal %d: %w", id, err)
	}
	event := RefuseTerms
	if approve {
		event = ApproveTerms
	}
	rec := record(d.now(), a, keeping(a, Deciders), event, nil)
	rec.Digest, rec.Detail = p.digest(), map[string]string{"proposal": strconv.FormatInt(id, 10), "changes": strconv.Itoa(p.Count)}
	rec.From, rec.To = string(p.State), string(p.State)
	house := d.library.Load()
	if err := d.decidable(a, p, house, approve, answer); err != nil {
		return p, errors.Join(fmt.Errorf("%s %d: %w", event, id, err), d.note(ctx, refusal(rec, err)))
	}
	p.Petition = p.decided(a, rec.At, approve, answer)
	if err := d.decided(ctx, &p, house, approve, rec); err != nil {
		return p, fmt.Errorf("%s %d: %w", event, id, err)
	}
	if !approve {
		return p, nil
	}
	return p, d.upToDate(ctx)
}

// decided writes the decision, and the version that an approval makes.
func (d *Desk) decided(ctx context.Context, p *Proposal, house *Library, approve bool, rec ledger.Record) error {
	var v *LibraryVersion
	var jobs []Job
	if approve {
		p.Version = house.Version + 1
		v = &LibraryVersion{
			Version: p.Version, SHA256: changesHash(house.SHA256, p.Changes), At: rec.At, Proposal: p.ID, ByName: p.ByName,
			Approver: p.DeciderName, Reason: p.Reason, Terms: house.Len() + grown(p.Changes), Count: p.Count, Changes: p.Changes,
		}
		rec.Detail["version"], rec.Detail["sha256"] = strconv.FormatInt(v.Version, 10), v.SHA256
		jobs = []Job{RetroJob{Name: "v" + strconv.FormatInt(v.Version, 10), Version: v.Version}}
	}
	rec.To = string(p.State)
	rec = signedRecord(d.Signer, rec)
	return d.Store.InTx(ctx, func(tx Tx) error { return tx.Decide(ctx, *p, v, jobs, rec) })
}

// grown returns by how many terms cs raise the library.
func grown(cs []LibraryChange) (n int) {
	for _, c := range cs {
		switch c.Op {
		case AddTerm:
			n++
		case RemoveTerm:
			n--
		case ChangeTerm, Allow, Disallow, SwitchOff, SwitchOn:
		}
	}
	return n
}

// decidable judges the proposal again, against the library as it is now.
func (d *Desk) decidable(a Actor, p Proposal, house *Library, approve bool, answer string) error {
	if err := d.keeper(a, Deciders); err != nil {
		return err
	}
	if err := p.decidable(a, approve, answer); err != nil || !approve {
		return err
	}
	if rs := newShelf(house, d.Lexicon).judge(p.Changes); len(rs) > 0 {
		return &RefusedError{Reasons: rs}
	}
	return nil
}

// Proposals returns proposals to readers, newest first, from before the given number on; 0 for all. What came from an item
// that was sealed since shows no words of it.
func (d *Desk) Proposals(ctx context.Context, a Actor, s ProposalState, before int64, limit int) ([]Proposal, error) {
	if !a.hasAny(Readers) {
		return nil, fmt.Errorf("proposals: %w", ErrMissing)
	}
	ps, err := d.Store.Proposals(ctx, s, before, limit)
	for i := range ps {
		if ps[i], err = d.unsealed(ctx, ps[i], err); err != nil {
			return nil, fmt.Errorf("proposals: %w", err)
		}
	}
	return ps, err
}

// Proposal returns one with all its changes, to readers.
func (d *Desk) Proposal(ctx context.Context, a Actor, id int64) (Proposal, error) {
	if !a.hasAny(Readers) {
		return Proposal{}, fmt.Errorf("proposal %d: %w", id, ErrMissing)
	}
	p, err := d.Store.Proposal(ctx, id)
	return d.unsealed(ctx, p, err)
}

func (d *Desk) unsealed(ctx context.Context, p Proposal, err error) (Proposal, error) {
	if err != nil || p.Item == 0 || p.State == Adopted {
		return p, err
	}
	c, err := d.Store.Case(ctx, p.Item)
	if err == nil && c.Item.State.Closed() {
		p.Changes, p.Head, p.Reason = nil, nil, ""
	}
	return p, err
}

// History returns the versions of the library before the given one, 0 for all, newest first, to readers.
func (d *Desk) History(ctx context.Context, a Actor, before int64, limit int) ([]LibraryVersion, error) {
	if !a.hasAny(Readers) {
		return nil, fmt.Errorf("library: %w", ErrMissing)
	}
	return d.Store.LibraryHistory(ctx, before, limit)
}

// Difference returns the versions after one up to and including another, with their changes, to readers.
func (d *Desk) Difference(ctx context.Context, a Actor, after, upTo int64) ([]LibraryVersion, error) {
	if !a.hasAny(Readers) || upTo < after || upTo-after > versionsAtOnce {
		return nil, fmt.Errorf("library: %w", ErrMissing)
	}
	return d.Store.LibraryVersions(ctx, after, int(upTo-after))
}

// Hits returns how often each term was found and what was said of it, to readers.
func (d *Desk) Hits(ctx context.Context, a Actor, limit int) ([]TermHits, error) {
	if !a.hasAny(Readers) {
		return nil, fmt.Errorf("library: %w", ErrMissing)
	}
	return d.Store.Hits(ctx, limit)
}

// Retros returns the last retro-scans, to readers, publishers and leaders.
func (d *Desk) Retros(ctx context.Context, a Actor, limit int) ([]Retro, error) {
	if !a.hasAny(append([]Role{Publisher, Leader, Chief}, Readers...)) {
		return nil, fmt.Errorf("retro-scans: %w", ErrMissing)
	}
	return d.Store.Retros(ctx, limit)
}

// Export returns the house's library to take away, on the log. Publishers may not, whatever else they are.
func (d *Desk) Export(ctx context.Context, a Actor) (*Library, error) {
	rec := record(d.now(), a, keeping(a, Readers), Export, nil)
	house := d.library.Load()
	if !a.hasAny(Readers) || a.Has(Publisher, "") {
		err := &RefusedError{Denied: true, Reasons: []Reason{{Code: "role", Args: names(Readers)}}}
		return nil, errors.Join(fmt.Errorf("export terms: %w", err), d.note(ctx, refusal(rec, err)))
	}
	rec.Detail = map[string]string{"what": "terms", "version": strconv.FormatInt(house.Version, 10), "terms": strconv.Itoa(house.Len())}
	if err := d.Store.InTx(ctx, func(tx Tx) error { return tx.Note(ctx, signedRecord(d.Signer, rec)) }); err != nil {
		return nil, fmt.Errorf("export terms: %w", err)
	}
	return house, nil
}

// submittedAt returns when the item first left its author's hands; false if it has not.
func (c *Case) submittedAt() (time.Time, bool) {
	for _, dec := range c.Decisions {
		if dec.Event == Submit {
			return dec.At, true
		}
	}
	return time.Time{}, false
}

// weigh finds out what the asker of a review did to the library since the item was submitted and whether the item has it.
// The move's transaction looks whether there is more by then.
func (d *Desk) weigh(ctx context.Context, a Actor, m *Move, c *Case) error {
	since, ok := c.submittedAt()
	if !ok || c.Item.State != SecrecyReview || !a.Has(Reviewer, "") || d.Lexicon == nil {
		return nil
	}
	ps, err := d.Store.LibraryActs(ctx, a.Keys, since)
	if err != nil {
		return fmt.Errorf("acts on the library: %w", err)
	}
	for _, p := range ps {
		m.acts = append(m.acts, p.ID)
		if !p.counts(c.Item.ID, since) {
			continue
		}
		if p, err = d.Store.Proposal(ctx, p.ID); err != nil {
			return fmt.Errorf("acts on the library: %w", err)
		}
		touched, err := d.touches(ctx, c, p.words())
		if err != nil {
			return err
		}
		m.touched = append(m.touched, touched...)
	}
	return nil
}

// touches returns which of texts occur in the item or in what was found in it.
func (d *Desk) touches(ctx context.Context, c *Case, texts []string) ([]string, error) {
	in, err := d.Lexicon.Holds(ctx, d.document(c, c.Scan.Files), texts)
	if err != nil {
		return nil, fmt.Errorf("item %d: %w", c.Item.ID, err)
	}
	for _, t := range texts {
		folded := d.Lexicon.Fold(t)
		about := func(f Finding) bool {
			return f.Kind == review.Term && (d.Lexicon.Fold(f.Term) == folded || d.Lexicon.Fold(f.Text) == folded)
		}
		if !slices.Contains(in, t) && slices.ContainsFunc(c.Findings, about) {
			in = append(in, t)
		}
	}
	return in, nil
}

// actedMeanwhile reports whether the asker of a review acted on the library since weigh looked.
func (d *Desk) actedMeanwhile(ctx context.Context, tx Tx, a Actor, m Move, c *Case) (bool, error) {
	since, ok := c.submittedAt()
	if !ok || !reviews(m.Event) || c.Item.State != SecrecyReview || !a.Has(Reviewer, "") || d.Lexicon == nil {
		return false, nil
	}
	ps, err := tx.LibraryActs(ctx, a.Keys, since)
	return slices.ContainsFunc(ps, func(p Proposal) bool { return !slices.Contains(m.acts, p.ID) }), err
}

// aroundEach is how many characters of the text an allow phrase takes on either side of a hit.
const aroundEach = 6

// phraseFor returns the words around a hit of a term, to be proposed as an allow phrase; "" where there are none or the
// finding is none of a term. Not to find them is no reason to refuse a verdict.
func (d *Desk) phraseFor(ctx context.Context, c *Case, id string) string {
	f, ok := c.finding(id)
	if !ok || f.Kind != review.Term || f.Match == review.Fuzzy || d.Lexicon == nil {
		return ""
	}
	s, err := d.Lexicon.Around(ctx, d.document(c, c.Scan.Files), f.Finding, aroundEach)
	if err != nil || d.Lexicon.Fold(s) == d.Lexicon.Fold(f.Term) {
		return ""
	}
	if rs := newShelf(d.library.Load(), d.Lexicon).judge([]LibraryChange{{Op: Allow, Term: Term{Text: s}}}); len(rs) > 0 {
		return ""
	}
	return s
}
