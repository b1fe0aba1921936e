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

// Move makes m for a and returns the item as it is then. Errors: *RefusedError, ErrStale, ErrIllegal — all three on the log —,
// ErrMissing for what a may not see, or storage's.
func (d *Desk) Move(ctx context.Context, a Actor, m Move) (*View, error) {
	if !movable(m.Event) {
		return nil, d.refuse(ctx, a, m, ErrIllegal)
	}
	if err := d.prepare(ctx, a, &m); err != nil {
		return nil, fmt.Errorf("%s item %d: %w", m.Event, m.Item, err)
	}
	c, err := d.moved(ctx, a, m)
	if err == nil && c == nil {
		c, err = d.Store.Case(ctx, m.Item)
	}
	if err != nil {
		return nil, err
	}
	v, err := d.view(ctx, a, c)
	if errors.Is(err, ErrMissing) { // the move itself closed the item to a: sealing does
		return &View{Case: &Case{Item: Item{ID: m.Item, State: c.Item.State}}}, nil
	}
	return v, err
}

// prepare does what a move needs done before its transaction.
func (d *Desk) prepare(ctx context.Context, a Actor, m *Move) (err error) {
	m.Terms = m.Terms.utc()
	if m.Event == Submit {
		m.revision, err = d.rendered(ctx, a, *m)
	}
	if m.Event == Publish {
		err = d.rescanBefore(ctx, a, m)
	}
	if err == nil {
		err = d.lookUp(ctx, m)
	}
	if err != nil {
		return err
	}
	if reviews(m.Event) && d.Lexicon != nil && a.Has(Reviewer, "") {
		c, miss := d.Store.Case(ctx, m.Item)
		if miss != nil || !visible(a, c) {
			return errors.Join(miss, missing(miss))
		}
		err = d.weigh(ctx, a, m, c)
	}
	return err
}

// lookUp finds what m's terms and effects speak of besides the item.
func (d *Desk) lookUp(ctx context.Context, m *Move) (err error) {
	if m.Event == Register {
		m.series, err = d.series(ctx)
	}
	if m.Event == TakeUp {
		m.until, err = d.workingDay(ctx)
	}
	if m.Event == AskCountersign || m.Event == Reassign {
		m.named, err = d.named(ctx, append(slices.Clone(m.Terms.Persons), m.Terms.To))
	}
	if m.Event == AskWithdraw {
		m.successor, err = d.successor(ctx, m.Terms.Target)
	}
	return err
}

// reviews reports whether e is an act of the reviewer's duty.
func reviews(e Event) bool {
	return slices.ContainsFunc(rules, func(r rule) bool { return r.Event == e && r.Duty == ReviewerDuty })
}

// movable reports whether e may be asked for by a move: some rule lets a person do it, and it is not a change of text or
// findings, which have calls of their own.
func movable(e Event) bool {
	if e == Edit || e == Attach || e == Detach || e == Dispose {
		return false
	}
	return slices.ContainsFunc(rules, func(r rule) bool {
		return r.Event == e && slices.ContainsFunc(r.Roles, func(x Role) bool { return x != System })
	})
}

// refuse records a refusal that needs no decision.
func (d *Desk) refuse(ctx context.Context, a Actor, m Move, cause error) error {
	err := d.Store.InTx(ctx, func(tx Tx) error {
		c, err := tx.Load(ctx, m.Item)
		if err != nil {
			return err
		}
		if !visible(a, c) {
			return ErrMissing
		}
		rec := record(d.now(), a, "", m.Event, c)
		return tx.Note(ctx, refusal(rec, cause))
	})
	return fmt.Errorf("%s item %d: %w", m.Event, m.Item, errors.Join(cause, err))
}

// move is moved for those who don't look at the item afterwards.
func (d *Desk) move(ctx context.Context, a Actor, m Move) error {
	_, err := d.moved(ctx, a, m)
	return err
}

// moved decides and applies in one transaction. A refusal is an outcome: it commits its record and nothing else. It returns
// what after does.
func (d *Desk) moved(ctx context.Context, a Actor, m Move) (then *Case, err error) {
	then, err = d.attempt(ctx, a, m)
	if d.spools(m.Event, err) {
		m.spool = true
		then, err = d.attempt(ctx, a, m)
	}
	return then, err
}

func (d *Desk) attempt(ctx context.Context, a Actor, m Move) (then *Case, err error) {
	setup, err := d.Setup(ctx)
	if err != nil && !removes(m.Event) {
		return nil, err
	}
	if err := d.owes(m.Event); err != nil {
		return nil, err
	}
	var refused error
	var made []ledger.Record
	err = d.Store.InTx(ctx, func(tx Tx) error {
		refused, made = nil, nil // a store may run f again
		c, err := loadAfter(ctx, tx, m.parent, m.Item)
		if err != nil {
			return err
		}
		if !visible(a, c) {
			return ErrMissing
		}
		if more, err := d.actedMeanwhile(ctx, tx, a, m, c); err != nil {
			return err
		} else if more {
			refused = ErrStale
			return tx.Note(ctx, refusal(record(d.now(), a, "", m.Event, c), ErrStale))
		}
		ch, err := d.decide(ctx, a, m, c, setup)
		if err != nil {
			refused = err
			return tx.Note(ctx, refusal(ch.Record, err))
		}
		then = c.after(ch)
		if err := d.apply(ctx, tx, c, ch); err != nil {
			return err
		}
		return d.kin(ctx, tx, c, ch, setup, &made)
	})
	if err == nil {
		err = errors.Join(refused, d.Seen.SeeAll(d.Signer, made))
	}
	if err != nil {
		return nil, fmt.Errorf("%s item %d: %w", m.Event, m.Item, err)
	}
	return then, nil
}

// after returns the case as ch leaves it, to spare a reading; nil where the store alone knows: a new number or revision, what
// channels are to show, findings.
func (c *Case) after(ch Change) *Case {
	if ch.Revision != nil && ch.Revision.N != c.Item.Revision || ch.Series != "" || ch.Void || ch.Scan != nil || ch.Child != nil || len(c.Relatives)+len(ch.Wants)+len(ch.Findings) > 0 {
		return nil
	}
	n := c.next(ch)
	n.Word = string(ch.Record.Bytes())
	n.Audience = slices.Clone(ch.Audience)
	if !ch.Only {
		n.Audience = append(n.Audience, c.Audience...)
	}
	slices.Sort(n.Audience)
	n.Audience = slices.Compact(n.Audience)
	return n
}

// next returns c as ch leaves it in all that Rows covers.
func (c *Case) next(ch Change) *Case {
	n := *c
	n.Item = ch.Item
	n.Item.Version = c.Item.Version + 1
	n.Findings, n.Scan = slices.Clone(c.Findings), c.Scan
	if ch.Revision != nil {
		if n.Revision = *ch.Revision; n.Revision.N != c.Item.Revision {
			n.Findings, n.Scan = nil, Scan{}
		}
	}
	if ch.Decision != nil {
		n.Decisions = append(slices.Clone(c.Decisions), *ch.Decision)
	}
	n.Hands = append(slices.Clone(c.Hands), ch.Hands...)
	slices.SortFunc(n.Hands, func(x, y Hand) int { return strings.Compare(x.Key, y.Key) })
	n.Hands = slices.Compact(n.Hands)
	for _, f := range ch.Findings {
		if i := slices.IndexFunc(n.Findings, func(g Finding) bool { return g.ID == f.ID }); i >= 0 {
			n.Findings[i] = f
		} else {
			n.Findings = append(n.Findings, f)
		}
	}
	if ch.Scan != nil {
		n.Scan = *ch.Scan
	}
	return &n
}

// Refused puts on the log what was refused to a before it reached an item: a request from a foreign page.
func (d *Desk) Refused(ctx context.Context, a Actor, e Event, code string) error {
	refused := &RefusedError{Denied: true, Reasons: []Reason{{Code: code}}}
	return d.note(ctx, refusal(record(d.now(), a, "", e, nil), refused))
}

func refusal(rec ledger.Record, cause error) ledger.Record {
	rec.Result, rec.To = ledger.Refused, rec.From
	var re *RefusedError
	switch {
	case errors.As(cause, &re):
		for _, r := range re.Reasons {
			rec.Reasons = append(rec.Reasons, strings.Join(append([]string{r.Code}, r.Args...), " "))
		}
	case errors.Is(cause, ErrStale):
		rec.Reasons = []string{"stale"}
	default:
		rec.Reasons = []string{"illegal"}
	}
	return rec
}

// decide is pure but for the clock and the signature: what m would change, or why it may not.
func (d *Desk) decide(ctx context.Context, a Actor, m Move, c *Case, setup Setup) (Change, error) {
	in := input{c: c, a: a, m: m, now: d.now(), signer: d.Signer, whole: c.genuine(d.Signer)}
	ch := Change{Item: c.Item, Record: record(in.now, a, "", m.Event, c)}
	if rs := applicable(c, m); len(rs) > 0 {
		ch.Record.Role = string(acting(rs[0], a, c))
	}
	r, to, err := judge(ctx, in)
	if err == nil {
		d.fill(in, r, to, setup, &ch)
	}
	return ch, err
}

// judge returns the rule by which the move may be made and the state it leads to, or why it may not: ErrStale, ErrIllegal or a
// *RefusedError.
func judge(ctx context.Context, in input) (rule, State, error) {
	if in.m.Version != in.c.Item.Version || in.m.Digest != in.c.Item.Digest {
		return rule{}, "", ErrStale
	}
	to, err := destination(ctx, in.c, in.m)
	if err != nil {
		return rule{}, "", err
	}
	r := applicable(in.c, in.m)[0]
	if !in.whole && !removes(in.m.Event) {
		return r, to, &RefusedError{Reasons: []Reason{{Code: "rows_changed"}}}
	}
	return r, to, admit(r, in)
}

func names(rs []Role) []string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = string(r)
	}
	return out
}

// ReasonCodes are the reason_code values of a return, a refusal or a takedown.
var ReasonCodes = []string{"error", "privacy", "secrecy", "outdated", "law", "other"}

// lacking says what m must carry and does not.
func lacking(n Needs, m Move) []Reason {
	var rs []Reason
	switch s := strings.TrimSpace(m.Opinion); {
	case n.Opinion && s == "":
		rs = append(rs, Reason{Code: "opinion_missing", Field: "opinion"})
	case s != "" && !lengthOK(s):
		rs = append(rs, Reason{Code: "opinion_length", Field: "opinion"})
	}
	if (n.Reason || m.ReasonCode != "") && !slices.Contains(ReasonCodes, m.ReasonCode) {
		rs = append(rs, Reason{Code: "reason_code", Field: "reason_code"})
	}
	switch s := strings.TrimSpace(m.Reason); {
	case s == "" && !n.Reason:
	case s == "":
		rs = append(rs, Reason{Code: "reason_missing", Field: "reason"})
	case !lengthOK(s):
		rs = append(rs, Reason{Code: "reason_length", Field: "reason"})
	}
	return rs
}

// fill writes the whole change of rule r.
func (d *Desk) fill(in input, r rule, to State, setup Setup, ch *Change) {
	c := in.c
	it := &ch.Item
	it.State = to
	it.SealedFrom = c.sealedFrom(to)
	if to != c.Item.State {
		it.Since, it.Claim, it.Reminder = in.now, nil, nil
	}
	if r.Round {
		it.Round++
	}
	ch.Void = r.Void && it.Number != ""
	if ch.Void || to == Returned {
		it.Number, it.Pack = "", ""
	}
	rev := revised(in, setup, ch)
	it.Digest = NewManifest(*it, rev).Digest()
	for _, e := range r.do {
		e(in, ch)
	}
	it.Open = openAfter(c, *ch)
	it.Due = due(in.now, *it, c.Route, setup)
	keys, only := audienceOf(*it, rev.Content.Channels)
	ch.Audience, ch.Only = append(ch.Audience, keys...), only
	if r.Duty != "" {
		ch.Hands = in.a.hands(r.Duty)
	}
	ch.Record.To, ch.Record.Revision = string(to), it.Revision
	if in.m.Event == Submit || in.m.Event == Edit {
		ch.Record.Digest = it.Digest
	}
	ch.Record.Reason = strings.TrimSpace(in.m.ReasonCode)
	if in.m.cause != 0 {
		ch.Record.Detail = map[string]string{"with": fmt.Sprint(in.m.cause)}
	}
	d.sign(in, r, ch)
	ch.Waits = in.c.with(*ch, rev).Waits()
}

// with returns c with the row, the text and the decision of ch.
func (c *Case) with(ch Change, rev Revision) *Case {
	n := *c
	n.Item, n.Revision = ch.Item, rev
	if ch.Decision != nil {
		n.Decisions = append(slices.Clone(c.Decisions), *ch.Decision)
	}
	return &n
}

// revised puts the move's new revision, if it has one, into ch and returns the one that then is the present one.
func revised(in input, setup Setup, ch *Change) Revision {
	if in.m.revision == nil {
		return in.c.Revision
	}
	rev, it := *in.m.revision, &ch.Item
	it.Revision, it.Title = rev.N, rev.Content.Title
	it.Urgency, it.Column = rev.Content.Urgency, rev.Content.Column
	if class := classOf(rev.Content, setup); class != Ordinary || !in.c.wasSeen() {
		it.Class = class // once others saw it, it may only rise
	}
	ch.Revision = in.m.revision
	return rev
}

// classOf returns the class that column and channels demand; an author may only raise it.
func classOf(c Content, s Setup) Class {
	if c.Class == Important {
		return Important
	}
	for _, col := range s.Columns {
		if col.ID != c.Column {
			continue
		}
		for _, w := range c.Channels {
			if ch, ok := s.channel(w.ID); ok && slices.Contains(col.Important, ch.Kind) {
				return Important
			}
		}
	}
	return Ordinary
}

func (s Setup) channel(id string) (Channel, bool) {
	i := slices.IndexFunc(s.Channels, func(c Channel) bool { return c.ID == id })
	if i < 0 {
		return Channel{}, false
	}
	return s.Channels[i], true
}

func visible(a Actor, c *Case) bool {
	if a.holds(System, c) {
		return true
	}
	return slices.ContainsFunc(a.Audience(), func(k string) bool { return slices.Contains(c.Audience, k) })
}

// due returns when the step that begins at from must be done; zero where nobody is waited for.
func due(from time.Time, it Item, r Route, s Setup) time.Time {
	if it.State == Referred {
		return NewCalendar(s.Holidays, s.Workdays).Days(from, reportDays+replyDays)
	}
	h := r.Hours[it.State]
	if h == 0 {
		return time.Time{}
	}
	switch it.Urgency {
	case Urgent:
		h = max(1, h/2)
	case Critical:
		h = max(1, h/4)
	case Normal:
	}
	return NewCalendar(s.Holidays, s.Workdays).Add(from, time.Duration(h)*time.Hour)
}
