package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// fullRevision has every field of a revision filled.
func fullRevision() workflow.Revision {
	until := noon.Add(48 * time.Hour)
	return workflow.Revision{
		N: 1, By: "wang", ByName: "王拟", At: noon,
		Content: workflow.Content{
			Title: "关于“五一”放假的通知 𠀀", BodyHTML: "<p>正文 & <b>粗</b>\u0000</p>", Summary: "摘要", Source: "办公室",
			Disclosure: workflow.Disclosure{Kind: "active", Ground: "第二十条"}, Class: workflow.Important, Urgency: workflow.Urgent,
			Channels:  []workflow.Window{{ID: "portal", From: &noon, Until: &until, Text: "短文"}, {ID: "led"}},
			SelfCheck: workflow.SelfCheck{NoSecret: true, Accurate: true}, Column: "notice", LetterNo: "函1", Standby: true,
		},
		Attachments: []workflow.Attachment{{ID: "a", Name: "表.xlsx", Media: "application/zip", Size: 7, SHA256: "aa", Scan: "waiting"}},
		Renditions:  []workflow.Rendition{{Channel: "led", Name: "strip.txt", Media: "text/plain", SHA256: "bb", Size: 3}},
		Contests:    []workflow.Contested{{Finding: "f", Rule: "r", Text: "字", Reason: "误报"}},
	}
}

// fullTerms has every field of an event's terms filled.
func fullTerms() workflow.Terms {
	return workflow.Terms{
		At: &noon, Notice: workflow.NoticeRedirect, Target: "清公〔2026〕0009号", Result: workflow.Agree,
		Passages: []string{"张三"}, Mode: workflow.Mask, Persons: []string{"ma"}, To: "xu", Question: "问", Ground: "据", LetterNo: "请1", ReplyNo: "复1",
	}
}

func fullItem() workflow.Item {
	return workflow.Item{
		State: workflow.Draft, Revision: 1, Round: 2, Class: workflow.Important, Urgency: workflow.Urgent, Unit: "tax", Author: "wang",
		AuthorName: "王拟", Title: "关于“五一”放假的通知 𠀀", Column: "notice", Route: "r@1", Open: 3, Pack: "cc",
		Created: noon, Since: noon.Add(time.Minute), Due: noon.Add(time.Hour),
	}
}

// wholeValues: what is stored comes back as it was, first as created, then as changed in everything.
func wholeValues(t *testing.T, f Fixture) {
	setup := f.furnished(t)
	rev := fullRevision()
	id := f.create(t, workflow.Change{
		Item: fullItem(), Revision: &rev, Hands: []workflow.Hand{{Key: "emp:1", Duty: workflow.AuthorDuty}, {Key: "id:1", Duty: workflow.AuthorDuty}},
		Audience: []string{"unit:tax", "person:wang"}, Waits: []string{"person:wang"}, Record: record("create", 0),
	})
	want := &workflow.Case{
		Item: fullItem(), Revision: rev, Route: setup.Routes[0], Channels: setup.Channels, Audience: []string{"person:wang", "unit:tax"},
		Hands: []workflow.Hand{{Key: "emp:1", Duty: workflow.AuthorDuty}, {Key: "id:1", Duty: workflow.AuthorDuty}},
	}
	want.Item.ID, want.Item.Version, want.Item.Digest = id, 1, fmt.Sprintf("digest-%d", id)
	equal(t, "created", f.loaded(t, id), want)

	ch := fullChange(want)
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		c, err := tx.Load(ctx, id)
		if err != nil {
			return err
		}
		equal(t, "loaded", c, want)
		return tx.Apply(ctx, c, ch)
	})
	want.Item, want.Revision = ch.Item, *ch.Revision
	want.Item.Version, want.Item.Number = 2, "清公〔2026〕0001号"
	want.Decisions, want.Findings, want.Scan = []workflow.Decision{*ch.Decision}, ch.Findings, *ch.Scan
	want.Hands = append(want.Hands, ch.Hands...)
	want.Audience = []string{"person:wang", "reviewer", "unit:tax"}
	want.Channels = setup.Channels[1:]
	want.Deliveries = []workflow.Delivery{{Item: id, Channel: "led", Want: "d2", Gen: 1, Shown: workflow.Pending, At: noon}}
	equal(t, "applied", f.loaded(t, id), want)

	trail, err := f.Trail(t.Context(), id)
	must(t, err)
	first := record("create", int64(id))
	first.Digest = fmt.Sprintf("digest-%d", id)
	last := ch.Record
	last.Detail = map[string]string{"number": want.Item.Number}
	equal(t, "trail", trail, []workflow.Entry{{Seq: -1, Record: first}, {Seq: -1, Record: last}})
	equal(t, "jobs", f.counted(t, "river_job"), 2)
}

// later: a job that is to wait is in the queue and not due; it is undone with its transaction.
// Mutant: ScheduledAt not set.
func later(t *testing.T, f Fixture) {
	id := f.created(t)
	job := workflow.TimerJob{Item: id, Round: 1, By: "wu", At: noon.AddDate(50, 0, 0)}
	undone := errors.New("undone")
	for _, want := range []error{undone, nil} {
		err := f.InTx(t.Context(), func(tx workflow.Tx) error {
			return errors.Join(change(t.Context(), tx, id, func(ch *workflow.Change) { ch.Jobs = []workflow.Job{job} }), want)
		})
		equal(t, "transaction", errors.Is(err, undone), want != nil)
	}
	equal(t, "jobs", f.counted(t, "river_job WHERE state = 'scheduled'"), 1)
}

// fullChange changes everything about c that a change can.
func fullChange(c *workflow.Case) workflow.Change {
	it := c.Item
	it.State, it.Revision, it.Round, it.Digest, it.Class = workflow.Published, 2, 3, "d2", workflow.Ordinary
	it.Urgency, it.Unit, it.Author, it.AuthorName, it.Title = workflow.Normal, "land", "zhou", "周拟", "二稿"
	it.Column, it.Open, it.Pack = "law", 1, "dd"
	it.Since, it.Due = noon.Add(2*time.Minute), time.Time{}
	it.Covered = []string{"张三", "𠮷"}
	it.Claim, it.Reminder = &workflow.Claim{Person: "qian", Name: "钱审", Until: noon}, &workflow.Reminder{Person: "wang", Name: "王拟", At: noon}
	it.SealedFrom = workflow.Denied
	rev := fullRevision()
	rev.N, rev.Content.Title, rev.Content.Channels = 2, "二稿", []workflow.Window{{ID: "led"}}
	return workflow.Change{
		Item: it, Revision: &rev, Series: "清公",
		Decision: &workflow.Decision{
			Item: it.ID, Event: workflow.SecrecyPass, Revision: 1, Round: 2, Digest: c.Item.Digest, Person: "zhao", Name: "赵审", OnBehalf: "qian",
			BehalfName: "钱审", Role: workflow.Reviewer, Duty: workflow.ReviewerDuty, Opinion: "同意", ReasonCode: "other", Reason: "无", At: noon, Key: "k", Sig: "s",
			Terms: fullTerms(),
		},
		Hands: []workflow.Hand{{Key: "id:9", Duty: workflow.ReviewerDuty}},
		Findings: []workflow.Finding{
			{
				ID: "z", Revision: 2, Contest: "误报", Verdict: workflow.Accept, Reason: "r", By: "zhao", ByName: "赵审", At: noon, Second: "qian", SecondName: "钱审",
				Finding: review.Finding{
					Kind: review.Term, Type: "gambling", Term: "词", Level: review.Block, Part: "body", Start: 1, End: 3, Text: "词语",
					Match: review.Folded, Rule: "t.1", Library: "v1", Why: "为何", Suggest: "改", AutoReturn: true, Seal: true, LevelName: "秘密", Period: "10年",
				},
			},
			{ID: "a", Revision: 2},
		},
		Scan:     &workflow.Scan{Revision: 2, Library: "lib", At: noon, Files: map[string]string{"aa": "clean"}},
		Wants:    []workflow.Want{{Channel: "led", Digest: "d2"}, {Channel: "portal"}},
		Audience: []string{"reviewer"}, Waits: []string{"reviewer", "unit:tax"},
		Jobs: []workflow.Job{wait{1}, wait{1}}, Record: record("secrecy_pass", int64(it.ID)),
	}
}

// revisions: each is kept; one stored again under its number shows its last storing; lists come without bodies.
func revisions(t *testing.T, f Fixture) {
	id := f.created(t)
	second := workflow.Revision{N: 2, By: "wang", At: noon, Content: workflow.Content{Title: "二", BodyHTML: "二稿"}}
	f.changed(t, id, func(ch *workflow.Change) { ch.Item.Revision, ch.Revision = 2, &second })
	again := second
	again.Renditions = []workflow.Rendition{{Channel: "led", SHA256: "x"}}
	f.changed(t, id, func(ch *workflow.Change) { ch.Revision = &again })
	first, err := f.RevisionOf(t.Context(), id, 1)
	must(t, err)
	equal(t, "first", first, *draft().Revision)
	got, err := f.RevisionOf(t.Context(), id, 2)
	must(t, err)
	equal(t, "second", got, again)
	equal(t, "present", f.loaded(t, id).Revision, again)
	all, err := f.Revisions(t.Context(), id)
	must(t, err)
	first.Content.BodyHTML, got.Content.BodyHTML = "", ""
	equal(t, "all", all, []workflow.Revision{first, got})
	_, err = f.RevisionOf(t.Context(), id, 3)
	equal(t, "missing revision", errors.Is(err, workflow.ErrMissing), true)
	_, err = f.Case(t.Context(), id+1)
	equal(t, "missing item", errors.Is(err, workflow.ErrMissing), true)
}

// stale: another version or digest than the stored one changes nothing but may still be recorded.
// Mutant: Apply compares no digest.
func stale(t *testing.T, f Fixture) {
	id := f.created(t)
	before := f.loaded(t, id)
	for _, c := range []struct {
		name string
		old  func(*workflow.Item)
	}{
		{"version", func(it *workflow.Item) { it.Version++ }},
		{"digest", func(it *workflow.Item) { it.Digest = "other" }},
	} {
		old := *before
		c.old(&old.Item)
		f.write(t, func(ctx context.Context, tx workflow.Tx) error {
			ch := workflow.Change{Item: old.Item, Series: "清公", Jobs: []workflow.Job{wait{1}}, Record: record("register", int64(id))}
			ch.Item.State = workflow.Registered
			equal(t, c.name, errors.Is(tx.Apply(ctx, &old, ch), workflow.ErrStale), true)
			return tx.Note(ctx, record("refused", int64(id)))
		})
	}
	equal(t, "item", f.loaded(t, id), before)
	equal(t, "jobs", f.counted(t, "river_job"), 0)
	equal(t, "numbers", f.counted(t, "register"), 0)
	equal(t, "records", f.counted(t, "audit"), 3)
}

// rolledBack: an error or a panic leaves no item, record, number or job, and others in the same commit stay.
// Mutant: a savepoint that is not rolled back.
func rolledBack(t *testing.T, f Fixture) {
	id := f.created(t)
	before := f.loaded(t, id)
	boom := errors.New("boom")
	work := func(ctx context.Context, tx workflow.Tx) error {
		if _, err := tx.Create(ctx, draft(), func(workflow.Item) string { return "x" }); err != nil {
			return err
		}
		return change(ctx, tx, id, func(ch *workflow.Change) {
			ch.Item.State, ch.Series, ch.Jobs = workflow.Registered, "清公", []workflow.Job{wait{1}}
		})
	}
	err := f.InTx(t.Context(), func(tx workflow.Tx) error { return errors.Join(work(t.Context(), tx), boom) })
	equal(t, "error", errors.Is(err, boom), true)
	func() {
		defer func() { equal(t, "panic", recover(), any("boom")) }()
		_ = f.InTx(t.Context(), func(tx workflow.Tx) error {
			must(t, work(t.Context(), tx))
			panic("boom")
		})
	}()
	equal(t, "item", f.loaded(t, id), before)
	for table, want := range map[string]int{"items": 1, "revisions": 1, "register": 0, "river_job": 0, "audit": 1, "pending": 1} {
		equal(t, table, f.counted(t, table), want)
	}
	equal(t, "the next id is a new one", f.created(t) > id, true) // ids may have gaps, register numbers may not
	f.changed(t, id, func(ch *workflow.Change) { ch.Series = "清公" })
	equal(t, "the number was given back", f.loaded(t, id).Item.Number, "清公〔2026〕0001号")
}

// swallowedError: a transaction in which a write failed can't commit, whatever its user makes of the error.
// Mutant: a transaction that forgets what failed.
func swallowedError(t *testing.T, f Fixture) {
	id := f.created(t)
	before := f.loaded(t, id)
	err := f.InTx(t.Context(), func(tx workflow.Tx) error {
		_ = change(t.Context(), tx, id, func(ch *workflow.Change) {
			ch.Item.State = workflow.Cancelled
			ch.Waits = []string{"nobody may see"}
		})
		return nil
	})
	if err == nil {
		t.Error("committed without its record")
	}
	equal(t, "item", f.loaded(t, id), before)
	equal(t, "records", f.counted(t, "audit"), 1)
}

// cancelled: a caller that gives up does not undo what others do at the same time.
func cancelled(t *testing.T, f Fixture) {
	const n = 20
	var ids []workflow.ItemID
	for range n {
		ids = append(ids, f.created(t))
	}
	together(n, func(i int) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := f.InTx(ctx, func(tx workflow.Tx) error {
			if i%2 == 0 {
				cancel()
			}
			return change(ctx, tx, ids[i], func(ch *workflow.Change) { ch.Item.State = workflow.Cancelled })
		})
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	})
	for _, id := range ids {
		equal(t, "version", f.loaded(t, id).Item.Version, 2)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := f.InTx(ctx, func(workflow.Tx) error { t.Error("ran for a caller that had gone"); return nil })
	equal(t, "gone before", errors.Is(err, context.Canceled), true)
}

// hands: the same duty again is fine, another one is refused by the database and nothing of the change stays.
// Mutant: a conflict that overwrites the duty.
func hands(t *testing.T, f Fixture) {
	id := f.created(t)
	play := func(d workflow.Duty) error {
		return f.InTx(t.Context(), func(tx workflow.Tx) error {
			return change(t.Context(), tx, id, func(ch *workflow.Change) { ch.Hands = []workflow.Hand{{Key: "emp:1", Duty: d}} })
		})
	}
	must(t, play(workflow.AuthorDuty))
	before := f.loaded(t, id)
	if play(workflow.ReviewerDuty) == nil {
		t.Error("one person reviewed what they wrote")
	}
	equal(t, "item", f.loaded(t, id), before)
	equal(t, "hands", before.Hands, []workflow.Hand{{Key: "emp:1", Duty: workflow.AuthorDuty}})
}

// refusal: it leaves its record and nothing else.
func refusal(t *testing.T, f Fixture) {
	id := f.created(t)
	before := f.loaded(t, id)
	rec := record("secrecy_pass", int64(id))
	rec.At, rec.Result, rec.Reasons, rec.Detail = noon.Add(time.Second), ledger.Refused, []string{"role reviewer"}, map[string]string{"a": "b"}
	f.write(t, func(ctx context.Context, tx workflow.Tx) error { return tx.Note(ctx, rec) })
	equal(t, "item", f.loaded(t, id), before)
	trail, err := f.Trail(t.Context(), id)
	must(t, err)
	equal(t, "records", len(trail), 2)
	equal(t, "record", trail[1], workflow.Entry{Seq: -1, Record: rec})
	at, err := f.LastAudit(t.Context())
	must(t, err)
	equal(t, "last", at, rec.At)
}

// pack: it is set only on the digest it was made of, without a new version.
func pack(t *testing.T, f Fixture) {
	id := f.created(t)
	want := f.loaded(t, id)
	for _, c := range []struct {
		digest string
		ok     bool
	}{{"other", false}, {want.Item.Digest, true}} {
		f.write(t, func(ctx context.Context, tx workflow.Tx) error {
			ok, err := tx.SetPack(ctx, id, c.digest, "ff", record("archived", int64(id)))
			equal(t, c.digest, ok, c.ok)
			return err
		})
	}
	want.Item.Pack = "ff"
	equal(t, "item", f.loaded(t, id), want)
	equal(t, "records", f.counted(t, "audit"), 2)
}

// ended: an item is over once its last window is, by its own end or by the channel's days after publishing.
func ended(t *testing.T, f Fixture) {
	f.furnished(t)
	soon, late := noon.Add(time.Hour), noon.AddDate(1, 0, 0)
	put := func(s workflow.State, ws ...workflow.Window) workflow.ItemID {
		ch := draft()
		ch.Revision.Content.Channels = ws
		id := f.create(t, ch)
		f.changed(t, id, func(ch *workflow.Change) { ch.Item.State, ch.Item.Since = s, noon })
		return id
	}
	over := []workflow.ItemID{
		put(workflow.Registered, workflow.Window{ID: "portal", Until: &soon}),
		put(workflow.Published, workflow.Window{ID: "led", Until: &soon}, workflow.Window{ID: "portal", Until: &soon}),
		put(workflow.Scheduled, workflow.Window{ID: "portal", Until: &soon}),
	}
	put(workflow.Published, workflow.Window{ID: "led", Until: &soon}, workflow.Window{ID: "portal", Until: &late})
	put(workflow.Published, workflow.Window{ID: "portal"})
	put(workflow.Published)
	put(workflow.Draft, workflow.Window{ID: "portal", Until: &soon})
	put(workflow.Registered, workflow.Window{ID: "led"})
	byDays := put(workflow.Published, workflow.Window{ID: "led"})
	for _, c := range []struct {
		at   time.Time
		want []workflow.ItemID
	}{
		{soon.Add(-time.Microsecond), nil},
		{soon, over},
		{noon.AddDate(0, 0, 30), append(slices.Clone(over), byDays)},
	} {
		got, err := f.Ended(t.Context(), c.at, 100)
		must(t, err)
		slices.Sort(got)
		equal(t, c.at.String(), got, c.want)
	}
}
