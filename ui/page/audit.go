package page

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Proofs answers for the proof of the audit log, which the Desk does not hold.
type Proofs interface {
	// Newest returns the newest checkpoint whose signature holds, or workflow.ErrMissing before the first.
	Newest(ctx context.Context) (ledger.Checkpoint, error)
}

// Proof is how far the log is proven. Late says that the sequencer is behind.
type Proof struct {
	Size, At, Root string
	Late           bool
	Missing        bool
}

// lateProof is how old the newest checkpoint may be while newer records wait.
const lateProof = time.Minute

// proof says how far the log is proven; head is the position of its newest record, -1 where nobody looked.
func (p *Pages) proof(ctx context.Context, l *lens, head int64) (*Proof, error) {
	c, err := p.Proofs.Newest(ctx)
	switch {
	case errors.Is(err, workflow.ErrMissing):
		return &Proof{Missing: true}, nil
	case err != nil:
		return nil, err
	}
	return &Proof{
		Size: itoa(c.Size), At: l.exact(c.At), Root: c.Root.String(), Late: head >= c.Size && l.now.Sub(c.At) > lateProof,
	}, nil
}

// Audit is the log, as the auditor reads it: records without text of items, the newest page first.
type Audit struct {
	Frame
	Entries        []Entry
	Newest         string // position and time of the newest record on the page
	After          int64
	Proof          *Proof
	Earlier, Later string
}

const auditPage = 100

func (p *Pages) audit(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "审计日志"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	head, err := p.head(ctx, c.Actor)
	if err != nil {
		return err
	}
	after, err := c.QueryNumber("after", max(head-auditPage, 0))
	if err != nil {
		return err
	}
	if c.QueryParam("after") == "" && head < auditPage {
		after = -1
	}
	es, err := p.Desk.Audit(ctx, c.Actor, after, auditPage)
	if err != nil {
		return err
	}
	d := Audit{Frame: f, After: max(after, 0)}
	if d.Proof, err = p.proof(ctx, l, head); err != nil {
		return err
	}
	for _, e := range slices.Backward(es) {
		d.Entries = append(d.Entries, l.entry(e))
	}
	if n := len(es); n > 0 {
		d.Newest = l.t("第 {0} 条 · {1}", es[n-1].Seq, l.exact(es[n-1].At))
	}
	if after > 0 {
		d.Earlier = asking("/audit", "after", itoa(max(after-auditPage, 0)))
	}
	if after+auditPage < head {
		d.Later = asking("/audit", "after", itoa(after+auditPage))
	}
	return p.show(c, http.StatusOK, "audit", d)
}

// head finds the newest position by asking for single records: forth in doubling steps, then back in halves. -1 is an empty log.
func (p *Pages) head(ctx context.Context, a workflow.Actor) (int64, error) {
	more := func(after int64) (bool, error) {
		es, err := p.Desk.Audit(ctx, a, after, 1)
		return len(es) > 0, err
	}
	low, high := int64(-1), int64(auditPage)
	for {
		ok, err := more(high)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		low, high = high, 2*high
	}
	for low+1 < high {
		mid := (low + high) / 2
		ok, err := more(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			low = mid
		} else {
			high = mid
		}
	}
	if ok, err := more(low); err != nil || !ok {
		return low, err
	}
	return low + 1, nil
}
