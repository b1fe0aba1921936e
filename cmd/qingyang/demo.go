package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"qingyang/seeds"
	"qingyang/seeds/staff"
	"qingyang/workflow"
)

// furnish configures an empty house with the seeds and enrols the demo staff. A house that has a configuration stays as it is.
func furnish(ctx context.Context, desk *workflow.Desk, dir workflow.Directory) (fresh bool, err error) {
	_, err = desk.Setup(ctx)
	if !errors.Is(err, workflow.ErrMissing) {
		return false, err
	}
	setup, err := seeds.DemoSetup()
	if err != nil {
		return false, err
	}
	if err := desk.Configure(ctx, setup); err != nil {
		return false, err
	}
	grants, err := staff.Roles()
	if err != nil {
		return false, err
	}
	byAccount := map[string][]workflow.Grant{}
	for _, g := range grants {
		byAccount[g.Account] = append(byAccount[g.Account], workflow.Grant{Role: workflow.Role(g.Role), Scope: g.Scope})
	}
	for account, gs := range byAccount {
		e, err := dir.Lookup(ctx, account)
		if err != nil {
			return false, fmt.Errorf("demo staff %s: %w", account, err)
		}
		if err := desk.Enrol(ctx, e, gs); err != nil {
			return false, err
		}
	}
	return true, nil
}

// house plays the demo staff: it drives each sample through Desk as people would.
type house struct {
	desk  *workflow.Desk
	staff map[string]workflow.Actor
	now   func() time.Time
	log   *slog.Logger
}

// loadSamples brings all samples to where their stories end. One that fails is logged and left where it stands.
func loadSamples(ctx context.Context, desk *workflow.Desk, dir workflow.Directory, now func() time.Time, l *slog.Logger) error {
	samples, err := seeds.Samples()
	if err != nil {
		return err
	}
	h := house{desk, map[string]workflow.Actor{}, now, l}
	grants, err := staff.Roles()
	if err != nil {
		return err
	}
	for _, g := range grants {
		a, ok := h.staff[g.Account]
		if !ok {
			e, err := dir.Lookup(ctx, g.Account)
			if err != nil {
				return fmt.Errorf("samples: %w", err)
			}
			a = workflow.Actor{Person: workflow.Person{
				ID: e.Account, Name: e.Name, Unit: e.Unit, Keys: []string{"id:" + e.ID, "emp:" + e.Employee},
			}, Address: "127.0.0.1"}
		}
		a.Grants = append(a.Grants, workflow.Grant{Role: workflow.Role(g.Role), Scope: g.Scope})
		h.staff[g.Account] = a
	}
	for _, s := range samples {
		if err := h.load(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			l.WarnContext(ctx, "sample left where it stands", slog.String("sample", s.ID), slog.Any("error", err))
		}
	}
	return nil
}

func (h house) load(ctx context.Context, s seeds.Sample) error {
	author := h.staff[s.Author]
	c, err := s.Content(h.now())
	if err != nil {
		return err
	}
	v, err := h.desk.Create(ctx, author, c)
	if err != nil {
		return err
	}
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, v, err = h.desk.Attach(ctx, author, v.Item.ID, v.Item.Version, f.Name, bytes.NewReader(f.Bytes)); err != nil {
			return fmt.Errorf("attach %s: %w", f.Name, err)
		}
	}
	for _, step := range s.Story() {
		if err := h.act(ctx, s, step, v.Item.ID); err != nil {
			return fmt.Errorf("%s by %s: %w", step.Event, step.By, err)
		}
	}
	return nil
}

// act makes one step as soon as the item is ready for it: after the automatic check, after the archive pack.
func (h house) act(ctx context.Context, s seeds.Sample, step seeds.Step, id workflow.ItemID) error {
	a := h.staff[step.By]
	v, err := h.ready(ctx, a, id, step.Event)
	if err != nil {
		return err
	}
	if step.Event == workflow.SecrecyPass && s.Accept != "" {
		for _, f := range v.Findings {
			if !f.Open() {
				continue
			}
			if v, err = h.desk.Dispose(ctx, a, id, v.Item.Version, f.ID, workflow.Accept, s.Accept); err != nil {
				return err
			}
		}
	}
	_, err = h.desk.Move(ctx, a, workflow.Move{
		Item: id, Version: v.Item.Version, Digest: v.Item.Digest, Event: step.Event, Opinion: step.Opinion, ReasonCode: step.ReasonCode,
		Reason: step.Reason,
	})
	return err
}

var errNotReady = errors.New("item did not become ready")

// ready waits until a is offered the event, or until the item waits for people only.
func (h house) ready(ctx context.Context, a workflow.Actor, id workflow.ItemID, e workflow.Event) (*workflow.View, error) {
	for range 600 {
		v, err := h.desk.View(ctx, a, id)
		if err != nil && !errors.Is(err, workflow.ErrMissing) {
			return nil, err
		}
		if err == nil {
			i := slices.IndexFunc(v.Offers, func(o workflow.Offer) bool { return o.Event == e })
			if i >= 0 && !pending(v.Offers[i].Blocked) {
				return v, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, errNotReady
}

// pending reports whether the program, not a person, still has something to do.
func pending(rs []workflow.Reason) bool {
	return slices.ContainsFunc(rs, func(r workflow.Reason) bool { return r.Code == "archive_pending" || r.Code == "not_dark" })
}
