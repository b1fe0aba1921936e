package main

import (
	"context"
	"errors"
	"fmt"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// agreeMany is how many items are read in one go.
const agreeMany = 500

// agree holds the rows against the log, which was verified before. It returns a *workflow.Disagreement for the first that
// differ.
func (a *app) agree(ctx context.Context) error {
	g := workflow.NewAgreement()
	if err := a.db.EachRecord(ctx, func(seq int64, rec ledger.Record) error { return g.Add(seq, rec) }); err != nil {
		return err
	}
	if id, err := a.db.Misfiled(ctx); err != nil || id != 0 {
		return errors.Join(err, &workflow.Disagreement{Seq: -1, What: fmt.Sprintf("日志行 row %d of the log", id)})
	}
	setups, routes, err := a.db.Setups(ctx)
	if err != nil {
		return err
	}
	if err := g.Setups(setups, routes); err != nil {
		return err
	}
	if err := errors.Join(a.agreeItems(ctx, g), a.agreeChannels(ctx, g, setups), a.agreePeople(ctx, g)); err != nil {
		return err
	}
	return g.Rest()
}

func (a *app) agreeItems(ctx context.Context, g *workflow.Agreement) error {
	var after workflow.ItemID
	for {
		ids, err := a.db.EveryID(ctx, after, agreeMany)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			c, err := a.db.Case(ctx, id)
			if err != nil {
				return err
			}
			if err := g.Item(c); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

func (a *app) agreeChannels(ctx context.Context, g *workflow.Agreement, setups []workflow.Setup) error {
	chans, err := a.db.Channels(ctx)
	for _, c := range chans {
		if err == nil {
			err = g.Channel(c, setups[len(setups)-1])
		}
	}
	return err
}

func (a *app) agreePeople(ctx context.Context, g *workflow.Agreement) error {
	people, err := a.db.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		gs, word, err := a.db.Grants(ctx, p.ID)
		if err == nil {
			err = g.Grants(p, gs, word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
