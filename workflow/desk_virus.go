package workflow

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"qingyang/review"
)

// What antivirus may have said of a file.
const (
	fileClean    = "clean"
	fileInfected = "infected"
	fileWaiting  = "waiting" // it was not asked, or did not answer
	fileOff      = "off"     // the operator switched it off; every form says so
)

// disinfect asks antivirus about each file of c's revision and says what it found, by SHA-256, with a finding for each that is
// infected; those are in quarantine when it returns. Without a scanner, and not switched off, nothing passes.
func (d *Desk) disinfect(ctx context.Context, c *Case) (map[string]string, []review.Finding, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return nil, nil, err
	}
	files := map[string]string{}
	var bad []review.Finding
	for _, at := range c.Revision.Attachments {
		if setup.Antivirus == fileOff {
			files[at.SHA256] = fileOff
			continue
		}
		name, err := d.virus(ctx, at)
		if err != nil {
			return nil, nil, err
		}
		files[at.SHA256] = fileClean
		if name == "" {
			continue
		}
		files[at.SHA256] = fileInfected
		if err := d.isolate(ctx, systemActor, c, at, name); err != nil {
			return nil, nil, err
		}
		bad = append(bad, review.Finding{
			Kind: review.File, Type: malware, Level: review.Block, Part: at.Name, Text: at.Name, Match: review.Exact, Rule: "file.malware",
			Library: "clamav", Why: "附件带有恶意代码 " + name + "，已隔离", Suggest: "删除该附件，查明来源后重新上传", AutoReturn: true,
		})
	}
	return files, bad, nil
}

// quarantined is the name of what antivirus named before.
const quarantined = "quarantined"

// virus returns what antivirus calls the file, "" if it found nothing. Errors: ErrUnavailable without a scanner.
func (d *Desk) virus(ctx context.Context, at Attachment) (string, error) {
	r, err := d.Blobs.Open(ctx, at.SHA256)
	if errors.Is(err, ErrQuarantined) {
		return quarantined, nil
	}
	if err != nil {
		return "", fmt.Errorf("antivirus of %s: %w", at.ID, err)
	}
	defer r.Close()
	if d.Antivirus == nil {
		return "", fmt.Errorf("antivirus: %w", ErrUnavailable)
	}
	sound, name, err := d.Antivirus.Scan(ctx, r)
	if err != nil {
		return "", fmt.Errorf("antivirus of %s: %w", at.ID, err)
	}
	if sound {
		return "", nil
	}
	return name, nil
}

// isolate takes a file that antivirus named out of everybody's reach and puts on the log where it came from (004 article 43:
// 查明原因，追查来源). What is in quarantine already was recorded then.
func (d *Desk) isolate(ctx context.Context, a Actor, c *Case, at Attachment, name string) error {
	if name == quarantined {
		return nil
	}
	rec := record(d.now(), a, "", Quarantine, c)
	rec.Detail = map[string]string{"sha256": at.SHA256, "malware": name, "size": strconv.FormatInt(at.Size, 10)}
	if err := d.source(ctx, c, at, rec.Detail); err != nil {
		return err
	}
	if err := d.note(ctx, signedRecord(d.Signer, rec)); err != nil {
		return err
	}
	if err := d.Blobs.Isolate(ctx, at.SHA256); err != nil {
		return fmt.Errorf("isolate %s: %w", at.ID, err)
	}
	return nil
}

// source adds to detail who uploaded the file, from where and when. A file that is being uploaded now has no such record yet:
// its source is the record's own person and address.
func (d *Desk) source(ctx context.Context, c *Case, at Attachment, detail map[string]string) error {
	es, err := d.Store.Trail(ctx, c.Item.ID)
	if err != nil {
		return fmt.Errorf("source of %s: %w", at.ID, err)
	}
	for _, e := range es {
		if e.Event == string(Attach) && e.Detail["sha256"] == at.SHA256 {
			detail["uploaded_by"], detail["uploaded_from"] = e.Person, e.Address
			detail["uploaded_at"] = e.At.UTC().Format(time.RFC3339)
			return nil
		}
	}
	return nil
}

// received asks antivirus about a file that is being uploaded and returns what it said: malware is refused and isolated at
// once, and a scanner that does not answer leaves the file waiting, as it does the item that is submitted with it.
func (d *Desk) received(ctx context.Context, a Actor, c *Case, at Attachment) (string, error) {
	setup, err := d.Setup(ctx)
	if err != nil {
		return "", err
	}
	if setup.Antivirus == fileOff {
		return fileOff, nil
	}
	name, err := d.virus(ctx, at)
	if name == quarantined {
		return fileInfected, d.knownMalware(ctx, a, c, at.Name)
	}
	if errors.Is(err, ErrUnavailable) {
		return fileWaiting, nil
	}
	if err != nil || name == "" {
		return fileClean, err
	}
	refused := &RefusedError{Reasons: []Reason{{Code: "malware", Field: "file", Args: []string{at.Name, name}}}}
	return fileInfected, errors.Join(refused, d.isolate(ctx, a, c, at, name))
}

// knownMalware refuses an upload that is in quarantine already, and puts the refusal on the log.
func (d *Desk) knownMalware(ctx context.Context, a Actor, c *Case, file string) error {
	refused := &RefusedError{Reasons: []Reason{{Code: "malware", Field: "file", Args: []string{file, quarantined}}}}
	logged := &RefusedError{Reasons: []Reason{{Code: "malware"}}} // a file's name is text of the item
	return errors.Join(refused, d.note(ctx, refusal(record(d.now(), a, "", Attach, c), logged)))
}
