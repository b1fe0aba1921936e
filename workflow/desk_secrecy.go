package workflow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What the secrecy office may answer to a question. Unanswered closes a referral whose time ran out.
const (
	Open       = "open"
	Secret     = "secret"
	Unanswered = "none"
)

// 保密法实施条例 第二十五条、第二十六条: what is unclear is protected at once and reported within ten working days; the secrecy
// office decides within ten more.
const (
	reportDays = 10
	replyDays  = 10
)

const maxPaperNo = 60 // characters of a letter's or reply's number

// Closed reports whether an item in s is readable to secrecy officers alone.
func (s State) Closed() bool { return s == Referred || s == Sealed || s == Disposed }

// numbered holds the number of a paper, the paper itself staying on paper.
func numbered(s, field string) []Reason {
	switch {
	case s == "":
		return []Reason{{Code: "missing", Field: field}}
	case utf8.RuneCountInString(s) > maxPaperNo || !clean(s):
		return []Reason{{Code: "too_long", Field: field, Args: []string{strconv.Itoa(maxPaperNo)}}}
	}
	return nil
}

func referable(in input) []Reason {
	t := in.m.Terms
	var rs []Reason
	for _, f := range [][2]string{{"question", t.Question}, {"ground", t.Ground}} {
		switch s := strings.TrimSpace(f[1]); {
		case s == "":
			rs = append(rs, Reason{Code: "missing", Field: f[0]})
		case !lengthOK(s):
			rs = append(rs, Reason{Code: "reason_length", Field: f[0]})
		}
	}
	return append(rs, numbered(t.LetterNo, "letter_no")...)
}

// referral returns the question that c was referred with.
func (c *Case) referral() (Decision, bool) {
	for _, d := range slices.Backward(c.Decisions) {
		if d.Event == Refer {
			return d, true
		}
	}
	return Decision{}, false
}

// determinable holds an answer to what an answer may be. That nobody answered can be said once the time is over.
func determinable(in input) []Reason {
	t := in.m.Terms
	switch t.Result {
	case Open, Secret:
		return numbered(t.ReplyNo, "reply_no")
	case Unanswered:
		return why(!in.c.Item.Due.IsZero() && in.now.After(in.c.Item.Due), "referral_waits", in.c.Item.Due.In(Beijing).Format(time.DateOnly))
	}
	return []Reason{{Code: "unknown_value", Field: "result", Args: []string{"open, secret, none"}}}
}

func handedOver(in input) []Reason { return numbered(in.m.Terms.ReplyNo, "reply_no") }

// answersTo says which proposal an event confirms.
var answersTo = map[Event]Event{ConfirmVerdict: ProposeVerdict, ConfirmUnseal: ProposeUnseal, ConfirmDisposal: ProposeDisposal}

// proposal returns the last decision of the round if it is a proposal: a newer one takes the place of an older one.
func (c *Case) proposal() (Decision, bool) {
	for _, d := range slices.Backward(c.Decisions) {
		if d.Round == c.Item.Round && d.Digest == c.Item.Digest {
			return d, d.Event == ProposeVerdict || d.Event == ProposeUnseal || d.Event == ProposeDisposal
		}
	}
	return Decision{}, false
}

// verdict returns the answer that was proposed last; without one, that the item be closed as it is.
func (c *Case) verdict() string {
	d, ok := c.proposal()
	if !ok || d.Event != ProposeVerdict {
		return Secret
	}
	return d.Terms.Result
}

func proposed(in input) []Reason {
	d, ok := in.c.proposal()
	if !ok || d.Event != answersTo[in.m.Event] {
		return why(false, "not_proposed")
	}
	return why(in.signer.Verify(d.Key, d.SigningBytes(), d.Sig), "signature", string(d.Event))
}

// otherThanProposer wants two secrecy officers.
func otherThanProposer(in input) []Reason {
	d, ok := in.c.proposal()
	return why(!ok || d.Person != in.a.ID, "same_proposer")
}

// noAuthor keeps who wrote a text from opening it again.
func noAuthor(in input) []Reason {
	return why(!in.c.played(in.a, AuthorDuty), "persons", string(AuthorDuty))
}

// ended are the states in which an item is over: unsealing reads what was closed again, and brings nothing back to life.
var ended = []State{Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired}

// unsealed is the rule by which an item that had ended as s goes back there, to the parties that it had.
func unsealed(s State) rule {
	return rule{
		From: []State{Sealed}, Event: ConfirmUnseal, To: s, Roles: []Role{SecrecyOfficer}, Needs: opinion, Round: true,
		When: condition{"sealed when " + string(s), func(c *Case, _ Move) bool { return c.Item.SealedFrom == s }},
		who:  []guard{otherThanProposer, noAuthor}, guard: []guard{proposed, parentOpen}, do: []effect{reopened},
	}
}

func reopened(in input, ch *Change) {
	it := in.c.Item
	ch.Audience = append(append(ch.Audience, parties(it)...), "lead:"+it.Unit, string(Chief))
}

// sealedFrom is where c, on its way to a state, is to go back to one day: where it was sealed.
func (c *Case) sealedFrom(to State) State {
	switch {
	case to != Sealed:
		return ""
	case c.Item.State == Sealed:
		return c.Item.SealedFrom
	}
	return c.Item.State
}

// PurgeJob asks for everything that a disposed item says to be deleted.
type PurgeJob struct {
	Item ItemID `json:"item"`
}

// Kind names the job.
func (PurgeJob) Kind() string { return "purge" }

func purgeJob(_ input, ch *Change) { ch.Jobs = append(ch.Jobs, PurgeJob{ch.Item.ID}) }

// Purge deletes the texts and files of a disposed item, first the files: what fails is done again. Its digests stay, and who did
// what and when. Files that another item has too stay with that one.
func (d *Desk) Purge(ctx context.Context, j PurgeJob) error {
	c, err := d.Store.Case(ctx, j.Item)
	if err != nil || c.Item.State != Disposed {
		return err
	}
	files, err := d.Store.OwnFiles(ctx, j.Item)
	if err != nil {
		return fmt.Errorf("purge item %d: %w", j.Item, err)
	}
	for _, sha := range files {
		if err := d.Blobs.Delete(ctx, sha); err != nil {
			return fmt.Errorf("purge item %d: %w", j.Item, err)
		}
	}
	rec := record(d.now(), systemActor, System, Purged, c)
	rec.Detail = map[string]string{"files": strconv.Itoa(len(files))}
	rec = Attest(d.Signer, rec, c.emptied())
	if err := d.Store.InTx(ctx, func(tx Tx) error { return tx.Purge(ctx, j.Item, rec) }); err != nil {
		return fmt.Errorf("purge item %d: %w", j.Item, err)
	}
	return nil
}

// emptied returns c as Tx.Purge leaves it in all that Rows covers.
func (c *Case) emptied() *Case {
	n := *c
	n.Item.Title, n.Item.Pack, n.Item.Covered = "", "", nil
	n.Revision, n.Findings, n.Scan = Revision{}, nil, Scan{}
	return &n
}

// Guarded is an item that the secrecy officers watch over, with the ends of the time for reporting and for the answer; zero for
// what was not referred. Question, Ground and LetterNo are the referral's.
type Guarded struct {
	Row
	Report, Reply              time.Time
	Question, Ground, LetterNo string
	Proposed                   *Decision // what waits for the second officer
}

// Secrecy returns what was referred, sealed or disposed of, to secrecy officers. That they looked is on record for each.
func (d *Desk) Secrecy(ctx context.Context, a Actor) (out []Guarded, err error) {
	if !a.Has(SecrecyOfficer, "") {
		return nil, fmt.Errorf("secrecy: %w", ErrMissing)
	}
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	cal := NewCalendar(setup.Holidays, setup.Workdays)
	rows, _, err := d.List(ctx, a, Query{Box: All, States: []State{Referred, Sealed, Disposed}, Limit: 200})
	for _, r := range rows {
		c, err := d.open(ctx, a, r.ID)
		if err != nil {
			return nil, err
		}
		k := Guarded{Row: r}
		if q, ok := c.referral(); ok && r.State == Referred {
			k.Question, k.Ground, k.LetterNo = q.Terms.Question, q.Terms.Ground, q.Terms.LetterNo
			k.Report, k.Reply = cal.Days(q.At, reportDays), cal.Days(q.At, reportDays+replyDays)
		}
		if p, ok := c.proposal(); ok {
			k.Proposed = &p
		}
		out = append(out, k)
	}
	return out, err
}
