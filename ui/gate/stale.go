package gate

import (
	"context"
	"errors"

	"qingyang/workflow"
	"qingyang/workflow/compare"
	"qingyang/workflow/ledger"
)

// Explain adds to a stale refusal what the item became since its asker saw version seen. Other errors come back as they are.
func Explain(c *Call, d *workflow.Desk, id workflow.ItemID, seen int64, err error) error {
	if !errors.Is(err, workflow.ErrStale) {
		return err
	}
	s, why := since(c.Request().Context(), d, c.Actor, id, seen)
	if why != nil {
		return errors.Join(err, why)
	}
	return &StaleError{*s}
}

func since(ctx context.Context, d *workflow.Desk, a workflow.Actor, id workflow.ItemID, seen int64) (*Meanwhile, error) {
	v, err := d.View(ctx, a, id)
	if err != nil {
		return nil, err
	}
	es, err := d.Trail(ctx, a, id)
	if err != nil {
		return nil, err
	}
	it, r := v.Item, v.Revision
	s := &Meanwhile{Version: it.Version, Revision: it.Revision, Digest: it.Digest, By: r.ByName, At: r.At, Diff: []compare.Section{}}
	n := revisionAt(es, seen)
	if n == 0 || n == r.N {
		return s, nil
	}
	old, err := d.RevisionOf(ctx, a, id, n)
	if err != nil {
		return nil, err
	}
	s.Diff = Difference(old, r)
	return s, nil
}

// revisionAt returns which revision the item had in a version, 0 if it never had that version. Every act but deliveries and
// the archive's raises the version by one, from 1 at the creation.
func revisionAt(es []workflow.Entry, version int64) int {
	var n int64
	for _, e := range es {
		if e.Result != ledger.Done || e.Event == string(workflow.Delivered) || e.Event == string(workflow.Archived) {
			continue
		}
		if n++; n == version {
			return e.Revision
		}
	}
	return 0
}
