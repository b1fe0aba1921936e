package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// TimerJob asks for an item to be published at At by the publisher By, who set that time in that round.
type TimerJob struct {
	Item  ItemID    `json:"item"`
	Round int       `json:"round"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// Kind names the job.
func (TimerJob) Kind() string { return "timer" }

// Later is a Job that is to wait.
type Later interface {
	Job
	// Begins returns when the job is to be picked up. The worker asks again: clocks differ, and may jump.
	Begins() time.Time
}

// Begins implements Later.
func (j TimerJob) Begins() time.Time { return j.At }

// Timer returns the decision that set the time at which c is to be published; false unless it is scheduled.
func (c *Case) Timer() (Decision, bool) {
	d, ok := c.signed(Schedule)
	return d, ok && c.Item.State == Scheduled && d.Terms.At != nil
}

func timerJob(in input, ch *Change) {
	ch.Jobs = append(ch.Jobs, TimerJob{Item: ch.Item.ID, Round: ch.Item.Round, By: in.a.ID, At: *in.m.Terms.At})
}

// schedulable holds a time against what was approved: it lies ahead, inside every window that has begun by then, and the
// approval will not have expired.
func schedulable(in input) []Reason {
	at := in.m.Terms.At
	if at == nil {
		return []Reason{{Code: "missing", Field: "at"}}
	}
	if !at.After(in.now) || !sane(at) {
		return []Reason{{Code: "at_past", Field: "at"}}
	}
	then := in
	then.now = *at
	rs := inWindow(then)
	if !in.c.approvalHolds(*at) {
		rs = append(rs, Reason{Code: "at_after_approval", Field: "at"})
	}
	return rs
}

// Fire publishes what j names, for the publisher who set the timer and with the roles that this person holds by now. It does
// nothing if the timer is not the item's any more: another publisher took it over, or the item went on. Before its time it
// returns that time, to be asked again then. A refusal is on the log and ends the timer: the item waits for people.
func (d *Desk) Fire(ctx context.Context, j TimerJob) (again time.Time, err error) {
	if d.now().Before(j.At) {
		return j.At, nil
	}
	c, err := d.Store.Case(ctx, j.Item)
	if err != nil {
		return time.Time{}, fmt.Errorf("timer of item %d: %w", j.Item, err)
	}
	t, ok := c.Timer()
	if !ok || t.Person != j.By || t.Round != j.Round || !t.Terms.At.Equal(j.At) {
		return time.Time{}, nil
	}
	a, err := d.standing(ctx, j.By)
	if err != nil {
		return time.Time{}, fmt.Errorf("timer of item %d: %w", j.Item, err)
	}
	m := Move{Item: j.Item, Version: c.Item.Version, Digest: c.Item.Digest, Event: Publish}
	if !visible(a, c) { // no longer a publisher: the attempt is on the log all the same
		err := &RefusedError{Denied: true, Reasons: []Reason{{Code: "role", Args: []string{string(Publisher)}}}}
		return time.Time{}, d.note(ctx, refusal(record(d.now(), a, "", Publish, c), err))
	}
	_, err = d.Move(ctx, a, m)
	var refused *RefusedError
	if errors.As(err, &refused) || errors.Is(err, ErrIllegal) {
		err = nil
	}
	return time.Time{}, err
}

// timerAddress stands on the log where a person's network address would.
const timerAddress = "timer"

// standing returns a person as they stand now, without a session: grants of this moment, none for who left the directory. An
// error if the directory does not answer: what acts in somebody's name asks whether there still is somebody.
func (d *Desk) standing(ctx context.Context, id string) (Actor, error) {
	p, err := d.Store.PersonByAccount(ctx, id)
	if err != nil {
		return Actor{}, fmt.Errorf("person %s: %w", id, err)
	}
	a := Actor{Person: p, Address: timerAddress}
	e, err := d.Directory.Lookup(ctx, strings.ToLower(id))
	switch {
	case errors.Is(err, ErrMissing) || err == nil && e.Disabled:
		return a, nil
	case err != nil:
		return Actor{}, fmt.Errorf("person %s: %w", id, err)
	}
	a.Grants, err = d.Grants(ctx, p)
	return a, err
}
