package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"qingyang/review"
)

// Scan checks the revision that j names and moves the item on. It does nothing if the item has gone on: jobs run more than
// once. An error leaves the item in scanning, and the job is tried again.
func (d *Desk) Scan(ctx context.Context, j ScanJob) error {
	c, err := d.Store.Case(ctx, j.Item)
	if err != nil || c.Item.State != Scanning || c.Item.Revision != j.Revision || c.Item.Round != j.Round {
		return err
	}
	m, err := d.scan(ctx, c)
	if err != nil {
		return fmt.Errorf("scan item %d: %w", j.Item, err)
	}
	m.Event = ScanClear
	switch {
	case slices.ContainsFunc(m.found, func(f Finding) bool { return f.Seal }):
		m.Event = Seal
	case slices.ContainsFunc(m.found, func(f Finding) bool { return f.AutoReturn && c.Revision.contested(f) == "" }):
		m.Event = ScanReturn
	}
	return d.moveOn(ctx, m)
}

// moveOn makes a system move; that the item changed meanwhile is not an error of the job.
func (d *Desk) moveOn(ctx context.Context, m Move) error {
	err := d.move(ctx, systemActor, m)
	if errors.Is(err, ErrStale) || errors.Is(err, ErrIllegal) {
		return nil
	}
	return err
}

// scan returns a move that carries what the present rules find in c's revision.
func (d *Desk) scan(ctx context.Context, c *Case) (Move, error) {
	files, bad, err := d.disinfect(ctx, c)
	if err != nil {
		return Move{}, err
	}
	return d.check(ctx, c, Rescan, files, bad)
}

// document is all of c that is checked: of its files those in which antivirus, by what files says, found nothing.
func (d *Desk) document(c *Case, files map[string]string) review.Document {
	doc := review.Document{Digest: c.Item.Digest, Parts: parts(c.Revision.Content)}
	for _, at := range c.Revision.Attachments {
		if files[at.SHA256] != fileInfected {
			doc.Files = append(doc.Files, d.upload(at))
		}
	}
	return doc
}

// check returns a move with event e that carries what the present rules find, after what was found before.
func (d *Desk) check(ctx context.Context, c *Case, e Event, files map[string]string, before []review.Finding) (Move, error) {
	now := d.now()
	rep, err := d.Scanner.Scan(ctx, d.document(c, files))
	if err != nil {
		return Move{}, err
	}
	if rep.Digest != c.Item.Digest {
		return Move{}, errors.New("the report is about something else")
	}
	shown, err := d.scanShown(ctx, c, rep.Findings)
	if err != nil {
		return Move{}, err
	}
	m := Move{Item: c.Item.ID, Version: c.Item.Version, Digest: c.Item.Digest, Event: e}
	m.scan = &Scan{Revision: c.Item.Revision, Library: rep.Library, At: now, Files: files}
	m.found = distinct(slices.Concat(before, shown, rep.Findings), c.Item.Revision)
	return m, nil
}

// maxFindings bounds what a person could ever judge; beyond it the text as a whole is the finding.
const maxFindings = 500

// distinct gives each finding its identity and drops the repeated ones.
func distinct(fs []review.Finding, revision int) []Finding {
	seen := map[string]bool{}
	var out []Finding
	for _, f := range fs {
		g := newFinding(f, revision)
		if seen[g.ID] {
			continue
		}
		seen[g.ID] = true
		if out = append(out, g); len(out) > maxFindings {
			tooMany := review.Finding{
				Kind: review.File, Type: "too_many", Level: review.Block, Part: f.Part, Match: review.Exact, Rule: "scan.too_many", Library: f.Library,
				Why: "检查发现过多，不能逐条处置", Suggest: "请分成几份稿件，或删去重复的内容", AutoReturn: true,
			}
			return append(out, newFinding(tooMany, revision))
		}
	}
	return out
}

// upload is a stored file as the content check reads it.
func (d *Desk) upload(at Attachment) review.Upload {
	return review.Upload{
		Name: at.Name, SHA256: at.SHA256, Size: at.Size,
		Open: func(ctx context.Context) (io.ReadCloser, error) { return d.Blobs.Open(ctx, at.SHA256) },
	}
}

// scanShown scans the renditions themselves: what a browser makes of a body is what the public reads, whatever the source
// looks like. Only words that the source did not already give are findings of the rendition.
func (d *Desk) scanShown(ctx context.Context, c *Case, known []review.Finding) ([]review.Finding, error) {
	doc := review.Document{Digest: c.Item.Digest}
	for _, r := range c.Revision.Renditions {
		if !strings.HasPrefix(r.Media, "text/") {
			continue
		}
		b, err := d.blob(ctx, r.SHA256)
		if err != nil {
			return nil, fmt.Errorf("rendition %s for %s: %w", r.Name, r.Channel, err)
		}
		p := review.Part{Name: "channel:" + r.Channel, Text: string(b)}
		if strings.HasPrefix(r.Media, "text/html") {
			p.Format = "html"
		}
		doc.Parts = append(doc.Parts, p)
	}
	rep, err := d.Scanner.Scan(ctx, doc)
	if err != nil {
		return nil, err
	}
	had := map[[2]string]bool{}
	for _, f := range known {
		had[[2]string{f.Rule, f.Text}] = true
	}
	return slices.DeleteFunc(rep.Findings, func(f review.Finding) bool {
		words := f.Kind == review.Term || f.Kind == review.PII || f.Kind == review.Marking
		return !words || f.Level == review.Hint || had[[2]string{f.Rule, f.Text}]
	}), nil
}

// parts returns the texts of c with the names that findings carry.
func parts(c Content) []review.Part {
	ps := []review.Part{
		{Name: "title", Text: c.Title},
		{Name: "body", Format: "html", Text: c.BodyHTML},
		{Name: "summary", Text: c.Summary},
		{Name: "source", Text: c.Source},
		{Name: "letter_no", Text: c.LetterNo},
	}
	for _, w := range c.Channels {
		ps = append(ps, review.Part{Name: "channel:" + w.ID, Text: w.Text})
	}
	return slices.DeleteFunc(ps, func(p review.Part) bool { return p.Text == "" })
}

// rescannable are the states in which new rules ask again.
var rescannable = []State{SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled}

// Rescan checks an item under the present rules, if they are not those of its last scan.
func (d *Desk) Rescan(ctx context.Context, id ItemID) error {
	c, err := d.Store.Case(ctx, id)
	if err != nil || c.Scan.Library == d.Scanner.Library() {
		return err
	}
	return d.rescan(ctx, c)
}

func (d *Desk) rescan(ctx context.Context, c *Case) error {
	if !slices.Contains(rescannable, c.Item.State) {
		return nil
	}
	m, err := d.scan(ctx, c)
	if err != nil {
		return fmt.Errorf("rescan item %d: %w", c.Item.ID, err)
	}
	if slices.ContainsFunc(m.found, func(f Finding) bool { return f.Seal }) {
		m.Event = Seal
	}
	return d.moveOn(ctx, m)
}

// rescanBefore brings an item that is about to be published under today's rules, and its files before antivirus once more:
// what nobody knew when they were uploaded may have a name by now. If either finds something new, the item goes back to secrecy
// review and the publisher is told why; if not, m goes on with the version that the rescan made.
func (d *Desk) rescanBefore(ctx context.Context, a Actor, m *Move) error {
	c, err := d.Store.Case(ctx, m.Item)
	if err != nil || !visible(a, c) {
		return errors.Join(err, missing(err))
	}
	m.library, m.parent = d.Scanner.Library(), c.Item.Parent
	if d.mayNotPublish(a, *m, c) {
		return nil // refused by the move itself, before anything is done for it
	}
	if files, _, err := d.disinfect(ctx, c); err != nil || c.Scan.Library == m.library && maps.Equal(files, c.Scan.Files) {
		return err
	}
	if err := d.rescan(ctx, c); err != nil {
		return err
	}
	now, err := d.Store.Case(ctx, m.Item)
	if err != nil {
		return err
	}
	if now.Item.Digest == c.Item.Digest {
		m.Version = now.Item.Version
		return nil
	}
	refused := &RefusedError{Reasons: []Reason{{Code: "new_findings"}}}
	return errors.Join(refused, d.note(ctx, refusal(record(d.now(), a, Publisher, Publish, now), refused)))
}

// mayNotPublish reports whether m will be refused whatever a scan finds: it is stale, or its asker is the reason.
func (d *Desk) mayNotPublish(a Actor, m Move, c *Case) bool {
	rs := applicable(c, m)
	return m.Version != c.Item.Version || m.Digest != c.Item.Digest || len(rs) == 0 || len(forbidden(rs[0], input{c: c, a: a, m: m, now: d.now(), signer: d.Signer})) > 0
}

// Sweep expires what is past its last window and brings waiting items under the present rules.
func (d *Desk) Sweep(ctx context.Context) error {
	ids, err := d.Store.Ended(ctx, d.now(), 100)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	var all error
	for _, id := range ids {
		c, err := d.Store.Case(ctx, id)
		if err == nil {
			err = d.moveOn(ctx, Move{Item: id, Version: c.Item.Version, Digest: c.Item.Digest, Event: Expire})
		}
		var refused *RefusedError
		if err != nil && !errors.As(err, &refused) {
			all = errors.Join(all, err)
		}
	}
	return all
}
