// Package channel has the drivers: how each kind of screen is made to show things. They see a CleanProof and can't make one.
package channel

import (
	"context"
	"fmt"
	"io"

	"qingyang/workflow"
	"qingyang/workflow/publish"
)

// Pull drives what asks the Shelf at each fetch: the portal, televisions, kiosks. It keeps no copy, so that there is
// nothing to remove: what the database no longer wants is dark at the next fetch. Its zero value is ready.
type Pull struct{}

// Put reads every byte through the proof: a missing or changed blob fails here, before anyone calls the item live.
func (Pull) Put(ctx context.Context, p publish.CleanProof) error {
	n, err := p.Notice()
	if err != nil {
		return err
	}
	for _, r := range n.Renditions {
		if _, err := p.Rendition(ctx, r.Name); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	if n.Channel.Kind != workflow.Portal {
		return nil
	}
	for _, a := range n.Attachments {
		if _, err := p.Attachment(ctx, a.SHA256, io.Discard); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	return nil
}

// Remove does nothing.
func (Pull) Remove(context.Context, workflow.ItemID, int64) error { return nil }

// Halt does nothing: the channel's state is asked at each fetch.
func (Pull) Halt(context.Context, int64) error { return nil }

// Resume does nothing.
func (Pull) Resume(context.Context, int64) error { return nil }
