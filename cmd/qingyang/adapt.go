package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"qingyang/review"
	"qingyang/review/extract"
	"qingyang/storage/blob"
	"qingyang/storage/clamd"
	"qingyang/storage/directory"
	"qingyang/workflow"
)

// The leaves of storage know nothing of workflow; what they say is put into its words here.

type people struct{ *directory.Directory }

// SignIn implements workflow.Directory.
func (p people) SignIn(ctx context.Context, account, password string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.SignIn(ctx, account, password)
	return workflow.DirectoryEntry(e), inWords(err)
}

// Lookup implements workflow.Directory.
func (p people) Lookup(ctx context.Context, account string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.Lookup(ctx, account)
	return workflow.DirectoryEntry(e), inWords(err)
}

func inWords(err error) error {
	for _, pair := range []struct{ theirs, ours error }{
		{directory.ErrCredentials, workflow.ErrCredentials},
		{directory.ErrMissing, workflow.ErrMissing},
		{directory.ErrUnavailable, workflow.ErrUnavailable},
		{clamd.ErrUnavailable, workflow.ErrUnavailable},
	} {
		if errors.Is(err, pair.theirs) {
			return fmt.Errorf("%w: %w", pair.ours, err)
		}
	}
	return err
}

// door implements workflow.FileDoor.
type door struct{}

// Admit says what a file is, or why it may not come in.
func (door) Admit(name string, head []byte) (string, error) {
	kind, err := extract.Allowed(name, head)
	switch {
	case errors.Is(err, extract.ErrForbiddenType), errors.Is(err, extract.ErrMismatch):
		return "", &workflow.InvalidError{Too: "type", Reasons: []workflow.Reason{{Code: "file_type", Field: "file", Args: []string{name}}}}
	case errors.Is(err, extract.ErrTooLarge):
		return "", tooLarge()
	case err != nil:
		return "", &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "file_broken", Field: "file", Args: []string{name}}}}
	}
	return kind, nil
}

// Whole reads the file as the content check will.
func (door) Whole(ctx context.Context, u review.Upload) error {
	_, findings, err := extract.Upload(ctx, u)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Kind != review.File {
			continue
		}
		switch f.Type {
		case "broken", "encrypted":
			return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "file_broken", Field: "file", Args: []string{u.Name}}}}
		case "mismatch", "forbidden":
			return &workflow.InvalidError{Too: "type", Reasons: []workflow.Reason{{Code: "file_type", Field: "file", Args: []string{u.Name}}}}
		case "too_large":
			return tooLarge()
		}
	}
	return nil
}

func tooLarge() error {
	limit := fmt.Sprintf("%d MB", workflow.MaxFile>>20)
	return &workflow.InvalidError{Too: "large", Reasons: []workflow.Reason{{Code: "file_too_large", Field: "file", Args: []string{limit}}}}
}

// objects is what both stores of content offer.
type objects interface {
	Put(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error)
	Open(ctx context.Context, sha string) (io.ReadCloser, error)
	Delete(ctx context.Context, sha string) error
	Isolate(ctx context.Context, sha string) error
}

// blobs implements workflow.Blobs.
type blobs struct{ objects }

// Put stores r; what is larger than limit is an *workflow.InvalidError.
func (b blobs) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	sha, size, err := b.objects.Put(ctx, r, limit)
	if errors.Is(err, blob.ErrTooLarge) {
		err = tooLarge()
	}
	return sha, size, err
}

// Open returns the content; what is in quarantine is workflow.ErrQuarantined.
func (b blobs) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	r, err := b.objects.Open(ctx, sha)
	if errors.Is(err, blob.ErrQuarantined) {
		err = errors.Join(workflow.ErrQuarantined, err)
	}
	return r, err
}

// virus implements workflow.Antivirus.
type virus struct{ *clamd.Client }

// Scan asks clamd. What it can't look at is not clean.
func (v virus) Scan(ctx context.Context, r io.Reader) (clean bool, name string, err error) {
	verdict, err := v.Client.Scan(ctx, r)
	return verdict.Clean, verdict.Name, inWords(err)
}
