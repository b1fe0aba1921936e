package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"qingyang/workflow/ledger"
)

// Spool keeps the records of removals that the log could not take, outside the database, until it can.
type Spool interface {
	// Keep returns once rec is durable under name. One of the same name is replaced: its act was tried again.
	Keep(name string, rec ledger.Record) error
	// Kept returns what is kept, the oldest first.
	Kept() ([]Spooled, error)
	// Drop forgets what the log has.
	Drop(name string) error
}

// Spooled is one kept record.
type Spooled struct {
	Name string
	ledger.Record
}

// spoolPatience is how long a removal may take from its record to its commit: longer than any transaction.
const spoolPatience = 30 * time.Second

// Spoolable reports whether an act may go ahead of its record in the log: only what takes from the public at once, and is
// asked for in an emergency (invariant 9). For all else: no audit, no action.
func Spoolable(e Event) bool { return e == Suspend || e == HaltChannel }

// spools reports whether e, which the log refused with err, is to be done with its record in the spool.
func (d *Desk) spools(e Event, err error) bool {
	return d.Spool != nil && Spoolable(e) && errors.Is(err, ErrLog)
}

// aside marks rec as one that goes to the spool and signs it; the mark stays on it in the log.
func (d *Desk) aside(rec ledger.Record) ledger.Record {
	rec = signedRecord(d.Signer, with(rec, detailSpooled, "1"))
	rec.Spooled = true
	return rec
}

// keepAside stores rec durably before what it tells of is committed.
func (d *Desk) keepAside(rec ledger.Record) error {
	name := fmt.Sprintf("%d-%s-%d-%s", rec.At.UnixMicro(), rec.Event, rec.Item, rec.Detail[detailChannel])
	d.owing.Store(true)
	if err := d.Spool.Keep(name, rec); err != nil {
		return fmt.Errorf("keep record outside the log: %w: %w", ErrUnavailable, err)
	}
	return nil
}

// apply writes a change, and before it the record that the log can't take.
func (d *Desk) apply(ctx context.Context, tx Tx, c *Case, ch Change) error {
	if ch.Record.Spooled {
		if err := d.keepAside(ch.Record); err != nil {
			return err
		}
	}
	return tx.Apply(ctx, c, ch)
}

// owes returns ErrLog while records of removals wait for the log: what comes after them must stand after them.
func (d *Desk) owes(e Event) error {
	if d.Spool != nil && d.owing.Load() && !Spoolable(e) {
		return fmt.Errorf("%w: %w: records wait in the spool", ErrLog, ErrUnavailable)
	}
	return nil
}

// Replay brings the records that are kept aside into the log, in their order, each once, however often it is called or cut
// off. It is to be called now and then; while the log can't be written it does nothing.
func (d *Desk) Replay(ctx context.Context, l *slog.Logger) error {
	if d.Spool == nil {
		return nil
	}
	kept, err := d.Spool.Kept()
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	left := false
	for _, k := range kept {
		done, err := d.replay(ctx, k.Record)
		if errors.Is(err, ErrLog) {
			d.owing.Store(true)
			return nil
		}
		if err == nil && done {
			err = d.Spool.Drop(k.Name)
		}
		if err != nil {
			return fmt.Errorf("replay %s: %w", k.Name, err)
		}
		if left = left || !done; done {
			l.WarnContext(ctx, "record replayed into the log", slog.String("record", k.Name))
		}
	}
	d.owing.Store(left)
	return nil
}

// replay returns false for a record whose removal may still be under way.
func (d *Desk) replay(ctx context.Context, rec ledger.Record) (done bool, err error) {
	if !SignedWord(d.Signer, rec) || !Spoolable(Event(rec.Event)) {
		return false, fmt.Errorf("%s of %s: %w", rec.Event, rec.At.Format(time.RFC3339), ErrForged)
	}
	late := d.now().Sub(rec.At) > spoolPatience
	err = d.Store.InTx(ctx, func(tx Tx) error {
		made, err := tx.Replay(ctx, rec)
		if err != nil || made || !late {
			done = made
			return err
		}
		// Nobody was told that it was done: the program ended between the record and the commit.
		rec.Result, rec.To, rec.Reasons, done = ledger.Refused, rec.From, []string{"interrupted"}, true
		return tx.Note(ctx, signedRecord(d.Signer, rec))
	})
	return done, err
}
