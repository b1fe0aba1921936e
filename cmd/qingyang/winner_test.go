package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qingyang/workflow"
)

// crew drives items in one process, with the jobs at work.
type crew struct {
	*app
	people map[string]workflow.Actor
}

func newCrew(t *testing.T) *crew {
	t.Helper()
	c := &crew{working(t, furnished(t)), map[string]workflow.Actor{}}
	for _, who := range []string{"wang", "chen", "zhao", "qian", "sun", "li", "feng", "wu", "bai", "he", "ma"} {
		c.people[who] = c.person(t, who)
	}
	return c
}

func (c *crew) draft(t *testing.T, class workflow.Class, body string, until *time.Time) workflow.ItemID {
	t.Helper()
	v, err := c.desk.Create(t.Context(), c.people["wang"], workflow.Content{
		Title: "检修通知", BodyHTML: body, Class: class, Disclosure: workflow.Disclosure{Kind: "active"},
		Channels:  []workflow.Window{{ID: "portal", Until: until}},
		SelfCheck: workflow.SelfCheck{NoSecret: true, NoSensitive: true, PrivacyMasked: true, ThirdParty: true, Accurate: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.Item.ID
}

// wait returns the item once who is offered e without obstacle.
func (c *crew) wait(t *testing.T, id workflow.ItemID, who string, e workflow.Event) *workflow.View {
	t.Helper()
	var v *workflow.View
	eventually(t, who+" is offered "+string(e), func() bool {
		var err error
		if v, err = c.desk.View(t.Context(), c.people[who], id); err != nil || v.Item.State == workflow.Scanning {
			return false // what is scanned moves on by itself
		}
		i := slices.IndexFunc(v.Offers, func(o workflow.Offer) bool { return o.Event == e })
		return i >= 0 && len(v.Offers[i].Blocked) == 0
	})
	return v
}

func (c *crew) ask(ctx context.Context, v *workflow.View, who string, e workflow.Event) error {
	_, err := c.desk.Move(ctx, c.people[who], workflow.Move{
		Item: v.Item.ID, Version: v.Item.Version, Digest: v.Item.Digest, Event: e, Opinion: "同意", ReasonCode: "other", Reason: "理由充分",
		Terms: termsFor(e),
	})
	return err
}

// termsFor is what an event asks for besides.
func termsFor(e workflow.Event) workflow.Terms {
	switch string(e) {
	case string(workflow.Schedule):
		soon := time.Now().Add(time.Hour)
		return workflow.Terms{At: &soon}
	case string(workflow.AskCountersign):
		return workflow.Terms{Persons: []string{"ma"}}
	case string(workflow.Cosign):
		return workflow.Terms{Result: workflow.Agree}
	case string(workflow.Reassign):
		return workflow.Terms{To: "xu"}
	case string(workflow.Refer):
		return workflow.Terms{Question: "是否涉密", Ground: "事项范围", LetterNo: "请1"}
	case string(workflow.ProposeVerdict), string(workflow.ProposeDisposal):
		return workflow.Terms{Result: workflow.Open, ReplyNo: "复1"}
	case string(workflow.Twin):
		return workflow.Terms{Passages: []string{"照常"}, Mode: workflow.Mask}
	case string(workflow.AskWithdraw):
		return workflow.Terms{Notice: workflow.NoticeReason}
	default:
		return workflow.Terms{}
	}
}

type step struct {
	who string
	e   workflow.Event
}

var (
	submitted  = []step{{"wang", workflow.Submit}}
	checked    = append(slices.Clone(submitted), step{"chen", workflow.UnitPass})
	called     = append(slices.Clone(checked), step{"zhao", workflow.AskCountersign})
	taken      = append(slices.Clone(checked), step{"zhao", workflow.TakeUp})
	referred   = append(slices.Clone(checked), step{"zhao", workflow.Refer})
	determined = append(slices.Clone(referred), step{"bai", workflow.ProposeVerdict})
	sealed     = append(slices.Clone(checked), step{"zhao", workflow.Seal})
	unsealing  = append(slices.Clone(sealed), step{"bai", workflow.ProposeUnseal})
	disposing  = append(slices.Clone(sealed), step{"bai", workflow.ProposeDisposal})
	passed     = append(slices.Clone(checked), step{"zhao", workflow.SecrecyPass})
	signed     = append(slices.Clone(passed), step{"sun", workflow.LeaderApprove})
	registered = append(slices.Clone(signed), step{"wu", workflow.Register})
	shown      = append(slices.Clone(registered), step{"wu", workflow.Publish})
	onTimer    = append(slices.Clone(registered), step{"wu", workflow.Schedule})
	asked      = append(slices.Clone(shown), step{"wang", workflow.AskWithdraw})
	agreed     = append(slices.Clone(asked), step{"sun", workflow.ApproveWithdraw})
	down       = append(slices.Clone(shown), step{"li", workflow.Suspend})
)

// TestOneWins: of twenty who make the same move at once one does, nineteen are told that the item changed, and the log has
// exactly one done and nineteen refused. Mutant: `AND version = $20` dropped from the update of items.
func TestOneWins(t *testing.T) {
	c := newCrew(t)
	for _, tt := range []struct {
		way   []step
		who   string
		e     workflow.Event
		class workflow.Class
	}{
		{nil, "wang", workflow.Submit, ""},
		{nil, "wang", workflow.Cancel, ""},
		{submitted, "wang", workflow.Recall, ""},
		{submitted, "chen", workflow.UnitPass, ""},
		{submitted, "chen", workflow.Return, ""},
		{checked, "zhao", workflow.SecrecyPass, ""},
		{checked, "zhao", workflow.SecrecyReject, ""},
		{checked, "zhao", workflow.Return, ""},
		{checked, "zhao", workflow.Seal, ""},
		{checked, "zhao", workflow.AskCountersign, ""},
		{checked, "zhao", workflow.RaiseClass, ""},
		{called, "ma", workflow.Cosign, ""},
		{checked, "zhao", workflow.Refer, ""},
		{checked, "zhao", workflow.TakeUp, ""},
		{taken, "zhao", workflow.Release, ""},
		{checked, "wang", workflow.Remind, ""},
		{checked, "wang", workflow.Twin, ""},
		{referred, "bai", workflow.ProposeVerdict, ""},
		{determined, "he", workflow.ConfirmVerdict, ""},
		{sealed, "bai", workflow.ProposeUnseal, ""},
		{unsealing, "he", workflow.ConfirmUnseal, ""},
		{sealed, "bai", workflow.ProposeDisposal, ""},
		{disposing, "he", workflow.ConfirmDisposal, ""},
		{called, "zhao", workflow.DropCountersign, ""},
		{nil, "chen", workflow.Reassign, ""},
		{passed, "sun", workflow.LeaderApprove, ""},
		{passed, "sun", workflow.Return, ""},
		{passed, "feng", workflow.Deny, ""},
		{signed, "feng", workflow.ChiefApprove, workflow.Important},
		{signed, "feng", workflow.Deny, workflow.Important},
		{signed, "wu", workflow.Register, ""},
		{signed, "wu", workflow.Return, ""},
		{registered, "wu", workflow.Publish, ""},
		{registered, "wu", workflow.Schedule, ""},
		{onTimer, "wu", workflow.Unschedule, ""},
		{onTimer, "wu", workflow.Publish, ""},
		{registered, "li", workflow.Suspend, ""},
		{shown, "li", workflow.Suspend, ""},
		{shown, "wang", workflow.AskWithdraw, ""},
		{shown, "wang", workflow.Amend, ""},
		{asked, "sun", workflow.ApproveWithdraw, ""},
		{agreed, "wu", workflow.Withdraw, ""},
		{down, "feng", workflow.ConfirmTakedown, ""},
		{down, "feng", workflow.Reinstate, ""},
	} {
		t.Run(string(tt.e)+" after "+name(tt.way), func(t *testing.T) {
			id := c.draft(t, tt.class, "<p>照常办理</p>", nil)
			for _, s := range tt.way {
				if err := c.ask(t.Context(), c.wait(t, id, s.who, s.e), s.who, s.e); err != nil {
					t.Fatal(err)
				}
			}
			c.race(t, c.wait(t, id, tt.who, tt.e), tt.who, tt.e)
		})
	}
}

func name(way []step) string {
	if len(way) == 0 {
		return "create"
	}
	return string(way[len(way)-1].e)
}

func (c *crew) race(t *testing.T, v *workflow.View, who string, e workflow.Event) {
	t.Helper()
	c.throng(t, v, e, 20, who)
}

// throng has n at once ask for e on what v shows, one after another of whom: one wins, and each of the others is told that the
// item changed, and is on the log.
func (c *crew) throng(t *testing.T, v *workflow.View, e workflow.Event, n int, whom ...string) {
	t.Helper()
	before := c.records(t, v.Item.ID, e)
	var won, stale, gone atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			switch err := c.ask(t.Context(), v, whom[i%len(whom)], e); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, workflow.ErrStale):
				stale.Add(1)
			case errors.Is(err, workflow.ErrMissing) && (e == workflow.Seal || e == workflow.Refer): // the first closed it to the others
				gone.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || stale.Load()+gone.Load() != int64(n)-1 {
		t.Errorf("%d won, %d stale", won.Load(), stale.Load())
	}
	after := c.records(t, v.Item.ID, e)
	if done, refused := after[0]-before[0], after[1]-before[1]; done != 1 || int64(refused) != stale.Load() {
		t.Errorf("%d done and %d refused on the log, %d were told", done, refused, stale.Load())
	}
}

// TestThousandApprovers: two leaders and the chief approve a thousand times at once; one approval counts. Mutant: the version not
// compared in the transaction.
func TestThousandApprovers(t *testing.T) {
	c := newCrew(t)
	id := c.draft(t, "", "<p>照常办理</p>", nil)
	for _, s := range []step{{"wang", workflow.Submit}, {"chen", workflow.UnitPass}, {"zhao", workflow.SecrecyPass}} {
		if err := c.ask(t.Context(), c.wait(t, id, s.who, s.e), s.who, s.e); err != nil {
			t.Fatal(err)
		}
	}
	c.throng(t, c.wait(t, id, "sun", workflow.LeaderApprove), workflow.LeaderApprove, 1000, "sun", "li", "feng")
}

// records counts the done and the refused records of an event.
func (c *crew) records(t *testing.T, id workflow.ItemID, e workflow.Event) (n [2]int) {
	t.Helper()
	trail, err := c.db.Trail(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range trail {
		if r.Event == string(e) && r.Result == "done" {
			n[0]++
		} else if r.Event == string(e) {
			n[1]++
		}
	}
	return n
}

// TestSystemActsOnce: twenty workers with the same scan, expiry or rescan do it once.
func TestSystemActsOnce(t *testing.T) {
	c := newCrew(t)
	for _, tt := range []struct {
		name  string
		body  string
		lasts time.Duration
		way   []step
		e     workflow.Event
		do    func(ctx context.Context, v *workflow.Case) error
	}{
		{"clear", "<p>照常办理</p>", 0, submitted, workflow.ScanClear, c.scanning},
		{"return", "<p>身份证号441899199001010016</p>", 0, submitted, workflow.ScanReturn, c.scanning},
		{"expire", "<p>照常办理</p>", 3 * time.Second, shown, workflow.Expire, func(ctx context.Context, v *workflow.Case) error {
			time.Sleep(time.Until(*v.Revision.Content.Channels[0].Until))
			return c.desk.Sweep(ctx)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var until *time.Time
			if tt.lasts > 0 {
				end := time.Now().Add(tt.lasts)
				until = &end
			}
			id := c.draft(t, "", tt.body, until)
			for _, s := range tt.way {
				if err := c.ask(t.Context(), c.wait(t, id, s.who, s.e), s.who, s.e); err != nil {
					t.Fatal(err)
				}
			}
			cs, err := c.db.Case(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if err := tt.do(t.Context(), cs); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			eventually(t, "done", func() bool { return c.records(t, id, tt.e)[0] > 0 })
			if n := c.records(t, id, tt.e)[0]; n != 1 {
				t.Errorf("%s was done %d times", tt.e, n)
			}
		})
	}
}

func (c *crew) scanning(ctx context.Context, v *workflow.Case) error {
	return c.desk.Scan(ctx, workflow.ScanJob{Item: v.Item.ID, Revision: v.Item.Revision, Round: v.Item.Round})
}
