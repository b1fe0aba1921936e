package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"qingyang/review"
)

const (
	retroBurst = 20 * time.Second // a retro-scan works so long in one go
	retroChunk = 200              // items between two notes of how far it has come
	retroWords = 200              // with more changed words than these every public item is looked at
	idsAtOnce  = 10_000
)

// Retro checks again what j asks for, as far as it gets in one burst; false if there is more to do. Items in flight are
// brought under the present rules; of the public ones those that may hold what changed, or all. What is new there is a task
// for people and takes nothing down.
func (d *Desk) Retro(ctx context.Context, j RetroJob) (done bool, err error) {
	if err := d.upToDate(ctx); err != nil {
		return false, err
	}
	if d.library.Load().Version < j.Version {
		return false, fmt.Errorf("retro-scan %s: version %d is not here yet: %w", j.Name, j.Version, ErrUnavailable)
	}
	r, err := d.Store.Retro(ctx, j.Name)
	if errors.Is(err, ErrMissing) {
		r, err = Retro{Name: j.Name, Version: j.Version, Full: j.Full, Started: d.now()}, nil
	}
	if err != nil || r.Finished {
		return r.Finished, err
	}
	end := d.now().Add(retroBurst)
	if r.After == 0 {
		if err := d.rescanAll(ctx); err != nil {
			return false, err
		}
	}
	return d.retro(ctx, r, end)
}

// rescanAll brings every item in flight under the present rules.
func (d *Desk) rescanAll(ctx context.Context) error {
	ids, err := d.all(ctx, rescannable)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := d.Rescan(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) all(ctx context.Context, states []State) ([]ItemID, error) {
	var all []ItemID
	for {
		var after ItemID
		if len(all) > 0 {
			after = all[len(all)-1]
		}
		ids, err := d.Store.Ids(ctx, states, after, idsAtOnce)
		if err != nil {
			return nil, fmt.Errorf("items to check again: %w", err)
		}
		if all = append(all, ids...); len(ids) < idsAtOnce {
			return all, nil
		}
	}
}

// retro goes on with r until it is through or end has come.
func (d *Desk) retro(ctx context.Context, r Retro, end time.Time) (bool, error) {
	texts, err := d.suspects(ctx, r)
	if err != nil {
		return false, err
	}
	var ids []ItemID
	if r.Full || len(texts) > 0 {
		if ids, err = d.chosen(ctx, r, texts); err != nil {
			return false, err
		}
	}
	r.Total = len(ids)
	left := slices.DeleteFunc(ids, func(id ItemID) bool { return id <= r.After })
	r.Done = r.Total - len(left)
	for chunk := range slices.Chunk(left, retroChunk) {
		hits, err := d.recheckAll(ctx, chunk, texts)
		if err != nil {
			return false, err
		}
		r.Hits += hits
		r.Done, r.After = r.Done+len(chunk), chunk[len(chunk)-1]
		if r.Done == r.Total {
			break
		}
		if err := d.noteRetro(ctx, r); err != nil || d.now().After(end) {
			return false, err
		}
	}
	r.Finished = true
	return true, d.noteRetro(ctx, r)
}

func (d *Desk) noteRetro(ctx context.Context, r Retro) error {
	r.At = d.now()
	if err := d.Store.InTx(ctx, func(tx Tx) error { return tx.PutRetro(ctx, r) }); err != nil {
		return fmt.Errorf("retro-scan %s: %w", r.Name, err)
	}
	return nil
}

// suspects returns the texts by which the version may make the check find more; nil for a full scan.
func (d *Desk) suspects(ctx context.Context, r Retro) ([]string, error) {
	if r.Full {
		return nil, nil
	}
	vs, err := d.Store.LibraryVersions(ctx, r.Version-1, 1)
	if err != nil {
		return nil, fmt.Errorf("retro-scan %s: %w", r.Name, err)
	}
	var texts []string
	for _, v := range vs {
		for _, c := range v.Changes {
			if c.finds() {
				texts = append(texts, c.Term.Text)
			}
		}
	}
	return texts, nil
}

// chosen returns the public items that may hold one of texts, in order; all of them for a full scan, or where there are too
// many texts to ask the index.
func (d *Desk) chosen(ctx context.Context, r Retro, texts []string) ([]ItemID, error) {
	public, err := d.all(ctx, []State{Published})
	if err != nil || r.Full || d.Chooser == nil || len(texts) > retroWords {
		return public, err
	}
	var ids []ItemID
	err = d.Chooser.Choose(ctx, texts, func(id ItemID) error {
		if _, ok := slices.BinarySearch(public, id); ok {
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("retro-scan %s: %w", r.Name, err)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// recheckAll returns how many of ids were flagged.
func (d *Desk) recheckAll(ctx context.Context, ids []ItemID, texts []string) (hits int, err error) {
	for _, id := range ids {
		hit, err := d.recheck(ctx, id, texts)
		if err != nil {
			return hits, err
		}
		if hit {
			hits++
		}
	}
	return hits, nil
}

// recheck flags a public item in which the present rules find something new; texts, if any, are looked for first.
func (d *Desk) recheck(ctx context.Context, id ItemID, texts []string) (bool, error) {
	c, err := d.Store.Case(ctx, id)
	if err != nil || c.Item.State != Published {
		return false, err
	}
	if len(texts) > 0 {
		held, err := d.Lexicon.Holds(ctx, d.document(c, c.Scan.Files), texts)
		if err != nil {
			return false, fmt.Errorf("check item %d again: %w", id, err)
		}
		if len(held) == 0 {
			return false, nil
		}
	}
	m, err := d.check(ctx, c, FlagRecall, c.Scan.Files, nil)
	if err != nil {
		return false, fmt.Errorf("check item %d again: %w", id, err)
	}
	if len(texts) == 0 {
		again, err := d.reviewDue(ctx, c)
		if err != nil {
			return false, err
		}
		m.found = append(m.found, again...)
	}
	if !news(c, m) {
		return false, nil
	}
	return true, d.moveOn(ctx, m)
}

// reviewDue asks people to look at a public item again once its column's days have passed, and again after as many: what a
// notice says grows old without a word of it changing. Each turn is a finding of its own, so that a verdict ends that turn alone.
func (d *Desk) reviewDue(ctx context.Context, c *Case) ([]Finding, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(setup.Columns, func(k Column) bool { return k.ID == c.Item.Column })
	if i < 0 || setup.Columns[i].ReviewDays == 0 {
		return nil, nil
	}
	days := setup.Columns[i].ReviewDays
	turn := int(d.now().Sub(c.Item.Since).Hours()) / 24 / days
	if turn == 0 {
		return nil, nil
	}
	due := c.Item.Since.AddDate(0, 0, turn*days).In(Beijing).Format(time.DateOnly)
	return []Finding{newFinding(review.Finding{
		Kind: review.Clock, Type: "review_due", Level: review.Ask, Part: "title", Text: due, Match: review.Exact, Rule: "clock.review",
		Why: fmt.Sprintf("已公开满 %d 天，到了复核日期 %s", turn*days, due), Suggest: "核对内容是否仍然有效；过时的请撤稿，有效的写明理由继续公开",
	}, c.Item.Revision)}, nil
}

// Outlook is what a proposal would do.
type Outlook struct {
	Reasons []Reason // everything that forbids it
	Near    []string // other terms of which a new one is a part, or that are a part of it
	Public  int      // public items that the new texts occur in
	Looked  int      // of how many that were looked at
	Partial bool     // there were more to look at than a preview does
}

const (
	previewItems = 2000 // public items that a preview looks at
	previewNear  = 20   // texts that are compared with every term, and terms named
)

// Foresee says what a proposal of cs would do, and saves nothing. It counts items that a may not see and names none.
func (d *Desk) Foresee(ctx context.Context, a Actor, cs []LibraryChange) (Outlook, error) {
	if err := d.keeper(a, Keepers); err != nil {
		return Outlook{}, err
	}
	house := d.library.Load()
	cs = house.filled(cs)
	s := newShelf(house, d.Lexicon)
	o := Outlook{Reasons: s.judge(cs)}
	var texts []string
	for _, c := range cs {
		if c.finds() && d.Lexicon.Fold(c.Term.Text) != "" {
			texts = append(texts, c.Term.Text)
		}
	}
	if len(texts) == 0 {
		return o, nil
	}
	if len(texts) <= previewNear {
		o.Near = s.near(texts)
	}
	return o, d.foresee(ctx, &o, texts)
}

func (d *Desk) foresee(ctx context.Context, o *Outlook, texts []string) error {
	ids, err := d.chosen(ctx, Retro{Name: "preview"}, texts)
	if err != nil {
		return err
	}
	o.Partial = len(ids) > previewItems
	for _, id := range ids[:min(len(ids), previewItems)] {
		c, err := d.Store.Case(ctx, id)
		if err != nil {
			return fmt.Errorf("preview: %w", err)
		}
		held, err := d.Lexicon.Holds(ctx, d.document(c, c.Scan.Files), texts)
		if err != nil {
			return fmt.Errorf("preview: item %d: %w", id, err)
		}
		o.Looked++
		if len(held) > 0 {
			o.Public++
		}
	}
	return nil
}
