// Package publishtest has a house in memory for the tests of what is published: items that went all the way, with real
// renditions, digests and signatures. Its Store knows only what publishing asks of one.
package publishtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/publish"
	"qingyang/workflow/render"
)

// Start is the time at which a World begins.
var Start = time.Date(2026, 10, 1, 1, 0, 0, 0, time.UTC)

// World is the house. Change it only by its methods, or under Change.
type World struct {
	workflow.Store // nil: a call that publishing does not make panics

	mu       sync.Mutex
	cases    map[workflow.ItemID]*workflow.Case
	channels []workflow.Channel
	blobs    map[string][]byte
	key      ledger.Key
	keys     ledger.PublicKeys
	now      time.Time
	Records  []ledger.Record
	Loads    int // how many cases were read
}

// New returns an empty house with the four demo channels.
func New() *World {
	key, err := ledger.NewKey(strings.NewReader(strings.Repeat("qingyang", 8)))
	if err != nil {
		panic(err)
	}
	keys, err := ledger.ParsePublicKeys(key.Public())
	if err != nil {
		panic(err)
	}
	channel := func(id, kind string, w, h, days int) workflow.Channel {
		c := workflow.Channel{ID: id, Name: "渠道" + id, Kind: kind, State: workflow.ChannelLive, Gen: 1, Width: w, Height: h, Days: days}
		if kind != workflow.Portal {
			c.Key = workflow.KeyHash("demo-" + id)
		}
		return c
	}
	return &World{
		cases: map[workflow.ItemID]*workflow.Case{}, blobs: map[string][]byte{}, key: key, keys: keys, now: Start,
		channels: []workflow.Channel{
			channel("portal", workflow.Portal, 0, 0, 0), channel("led", workflow.LED, 640, 64, 30),
			channel("tv", workflow.TV, 1920, 1080, 30), channel("kiosk", workflow.Kiosk, 1080, 1920, 30),
		},
	}
}

// Parts returns what publish works with.
func (w *World) Parts() publish.Parts {
	return publish.Parts{Store: w, Blobs: w, Signer: w, Now: w.Now}
}

// Now returns the house's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time pass.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Key names the signing key.
func (w *World) Key() string { return w.key.ID }

// PublicKeys returns the public keys as text, one a line.
func (w *World) PublicKeys() string { return w.key.Public() + "\n" }

// Sign signs msg.
func (w *World) Sign(msg []byte) (key, sig string) { return w.key.ID, w.key.Sign(msg) }

// Verify verifies what Sign signed.
func (w *World) Verify(key string, msg []byte, sig string) bool {
	return w.keys.Verify(key, msg, sig) == nil
}

// Put stores a blob.
func (w *World) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	return w.Blob(b), int64(len(b)), nil
}

// Blob stores b and returns its hash.
func (w *World) Blob(b []byte) string {
	sum := sha256.Sum256(b)
	sha := hex.EncodeToString(sum[:])
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blobs[sha] = b
	return sha
}

// Spoil makes the store answer b for sha, as a hostile one would: nothing is checked here.
func (w *World) Spoil(sha string, b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blobs[sha] = b
}

// Open opens a blob.
func (w *World) Open(_ context.Context, sha string) (io.ReadCloser, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, ok := w.blobs[sha]
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", sha, workflow.ErrMissing)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// Delete deletes a blob.
func (w *World) Delete(_ context.Context, sha string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.blobs, sha)
	return nil
}

// Isolate deletes a blob: this world looks for no sources.
func (w *World) Isolate(ctx context.Context, sha string) error { return w.Delete(ctx, sha) }

// Draft returns a case as it is when its author submits: content, attachments and renditions, no decisions.
func (w *World) Draft(id workflow.ItemID, content workflow.Content, files ...workflow.Attachment) *workflow.Case {
	c := &workflow.Case{
		Item: workflow.Item{
			ID: id, State: workflow.Published, Revision: 1, Round: 1, Class: workflow.Ordinary, Unit: "hall", Title: content.Title,
			Route: "hall@1", Number: fmt.Sprintf("滨政服审〔2026〕%d号", id), Pack: strings.Repeat("0", 64), Since: w.Now(),
		},
		Revision: workflow.Revision{N: 1, By: "wang", Content: content, Attachments: files},
		Scan:     workflow.Scan{Revision: 1, Library: "v1", At: w.Now()},
		Route:    workflow.Route{ID: "hall", Version: 1, Unit: "hall", UnitStep: true},
		Channels: slices.Clone(w.channels),
	}
	c.Scan.Files = map[string]string{}
	for _, f := range files {
		c.Scan.Files[f.SHA256] = f.Scan
	}
	for _, win := range content.Channels {
		ch := w.channels[slices.IndexFunc(w.channels, func(x workflow.Channel) bool { return x.ID == win.ID })]
		pages, err := render.Renderer{}.Render("滨海市政务服务中心", c.Item, c.Revision, ch)
		if err != nil {
			panic(err)
		}
		for _, p := range pages {
			c.Revision.Renditions = append(c.Revision.Renditions, workflow.Rendition{
				Channel: win.ID, Name: p.Name, Media: p.Media, SHA256: w.Blob(p.Bytes), Size: int64(len(p.Bytes)),
			})
		}
	}
	return c
}

// Approve gives c its digest and every decision up to the publisher's, each by another person, signed.
func (w *World) Approve(c *workflow.Case) {
	c.Item.Digest = workflow.NewManifest(c.Item, c.Revision).Digest()
	c.Decisions, c.Hands = nil, nil
	for _, s := range []struct {
		event  workflow.Event
		person string
		role   workflow.Role
		duty   workflow.Duty
	}{
		{workflow.Submit, "wang", workflow.Drafter, workflow.AuthorDuty},
		{workflow.UnitPass, "chen", workflow.UnitHead, workflow.HeadDuty},
		{workflow.SecrecyPass, "zhao", workflow.Reviewer, workflow.ReviewerDuty},
		{workflow.LeaderApprove, "sun", workflow.Leader, workflow.LeaderDuty},
		{workflow.ChiefApprove, "feng", workflow.Chief, workflow.ChiefDuty},
		{workflow.Register, "wu", workflow.Publisher, workflow.PublishDuty},
		{workflow.Publish, "wu", workflow.Publisher, workflow.PublishDuty},
	} {
		if s.event == workflow.ChiefApprove && c.Item.Class == workflow.Ordinary {
			continue
		}
		w.Decide(c, workflow.Decision{Event: s.event, Person: s.person, Name: s.person, Role: s.role, Duty: s.duty, Opinion: "同意"})
		c.Hands = append(c.Hands, workflow.Hand{Key: "emp:" + s.person, Duty: s.duty})
	}
}

// Decide appends d to c, signed now for the present revision, round and digest.
func (w *World) Decide(c *workflow.Case, d workflow.Decision) {
	d.Item, d.Revision, d.Round, d.Digest = c.Item.ID, c.Item.Revision, c.Item.Round, c.Item.Digest
	if d.At.IsZero() {
		d.At = w.Now()
	}
	d.Key = w.key.ID
	_, d.Sig = w.Sign(d.SigningBytes())
	c.Decisions = append(c.Decisions, d)
}

// Notice returns the content of a notice for the channels named.
func Notice(title string, channels ...string) workflow.Content {
	c := workflow.Content{
		Title: title, BodyHTML: "<p>" + title + "的正文。</p>", Summary: title + "的摘要", Source: "办公室",
		Disclosure: workflow.Disclosure{Kind: "active"}, Class: workflow.Ordinary, Urgency: workflow.Normal, Column: "notice",
		SelfCheck: workflow.SelfCheck{NoSecret: true, NoSensitive: true, PrivacyMasked: true, ThirdParty: true, Accurate: true},
	}
	for _, id := range channels {
		c.Channels = append(c.Channels, workflow.Window{ID: id})
	}
	return c
}

// Publish stores an approved item that its channels should show, and do if shown.
func (w *World) Publish(id workflow.ItemID, shown bool, content workflow.Content, files ...workflow.Attachment) *workflow.Case {
	c := w.Draft(id, content, files...)
	w.Approve(c)
	for _, win := range content.Channels {
		d := workflow.Delivery{Item: id, Channel: win.ID, Want: c.Item.Digest, Gen: 1, Shown: workflow.Pending}
		if shown {
			d.Have, d.Shown = d.Want, workflow.Live
		}
		c.Deliveries = append(c.Deliveries, d)
	}
	w.Keep(c)
	return c
}

// Keep stores c as it is.
func (w *World) Keep(c *workflow.Case) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cases[c.Item.ID] = c
}

// Change changes an item under the lock.
func (w *World) Change(id workflow.ItemID, f func(*workflow.Case)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.cases[id])
}

// Suspend takes an item down as the Desk does: a new round, nothing wanted, the next generation.
func (w *World) Suspend(id workflow.ItemID) {
	w.Change(id, func(c *workflow.Case) {
		c.Item.State = workflow.Suspended
		c.Item.Round++
		for i := range c.Deliveries {
			c.Deliveries[i].Want = ""
			c.Deliveries[i].Gen++
			c.Deliveries[i].Shown = workflow.Removing
		}
	})
}

// SetState halts or resumes a channel.
func (w *World) SetState(id, state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.channels {
		if w.channels[i].ID == id {
			w.channels[i].State = state
			w.channels[i].Gen++
		}
	}
}

// Setup returns the house.
func (w *World) Setup(context.Context) (workflow.Setup, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return workflow.Setup{
		House: "滨海市政务服务中心", HouseEn: "Binhai Government Service Centre", Series: "滨政服审", Channels: slices.Clone(w.channels),
		Columns: []workflow.Column{{ID: "notice", Name: "通知公告"}, {ID: "guide", Name: "办事指南"}},
		Units:   []workflow.Unit{{ID: "hall", Name: "大厅管理科"}}, Antivirus: "off", Demo: true,
	}, nil
}

// Channels returns the channels.
func (w *World) Channels(context.Context) ([]workflow.Channel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.attested(), nil
}

// attested returns the channels with the word of who switched them, unless a test gave them another.
func (w *World) attested() []workflow.Channel {
	cs := slices.Clone(w.channels)
	for i, c := range cs {
		if c.Word == "" {
			rec := ledger.Record{At: Start, Event: string(workflow.ResumeChannel), Result: ledger.Done}
			if c.State == workflow.ChannelHalted {
				rec.Event = string(workflow.HaltChannel)
			}
			cs[i].Word = string(workflow.AttestChannel(w, rec, c).Bytes())
		}
	}
	return cs
}

// Case returns a copy of an item.
func (w *World) Case(_ context.Context, id workflow.ItemID) (*workflow.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Loads++
	c, ok := w.cases[id]
	if !ok {
		return nil, workflow.ErrMissing
	}
	cp := *c
	cp.Deliveries, cp.Decisions, cp.Channels = slices.Clone(c.Deliveries), slices.Clone(c.Decisions), w.attested()
	if c.Word == "" {
		rec := ledger.Record{Item: int64(id), To: string(cp.Item.State), Result: ledger.Done}
		cp.Word = string(workflow.Attest(w, rec, &cp).Bytes())
	}
	return &cp, nil
}

// ByNumber finds an item.
func (w *World) ByNumber(_ context.Context, number string) (workflow.ItemID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, c := range w.cases {
		if c.Item.Number == number {
			return id, nil
		}
	}
	return 0, workflow.ErrMissing
}

// Trail returns the records of an item.
func (w *World) Trail(_ context.Context, id workflow.ItemID) ([]workflow.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var es []workflow.Entry
	for i, r := range w.Records {
		if r.Item == int64(id) {
			es = append(es, workflow.Entry{Seq: int64(i), Record: r})
		}
	}
	return es, nil
}

// Shelf returns what the channel should show and does, newest first.
func (w *World) Shelf(_ context.Context, channel string, limit int) ([]workflow.ItemID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []workflow.ItemID
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(w.cases))) {
		for _, d := range w.cases[id].Deliveries {
			if d.Channel == channel && d.Want != "" && d.Want == d.Have && len(ids) < limit {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// Unsettled returns deliveries whose wish is open and that nobody holds.
func (w *World) Unsettled(_ context.Context, now time.Time, limit int) ([]workflow.Delivery, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ds []workflow.Delivery
	for _, id := range slices.Sorted(maps.Keys(w.cases)) {
		for _, d := range w.cases[id].Deliveries {
			if d.Want != d.Have && !d.Lease.After(now) && len(ds) < limit {
				d.Item = id
				ds = append(ds, d)
			}
		}
	}
	return ds, nil
}

// InTx runs f alone.
func (w *World) InTx(_ context.Context, f func(workflow.Tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return f(tx{w: w})
}

type tx struct {
	workflow.Tx
	w *World
}

func (t tx) delivery(id workflow.ItemID, channel string) *workflow.Delivery {
	for i := range t.w.cases[id].Deliveries {
		if d := &t.w.cases[id].Deliveries[i]; d.Channel == channel {
			return d
		}
	}
	return nil
}

// Lease implements workflow.Tx.
func (t tx) Lease(_ context.Context, id workflow.ItemID, channel string, now, until time.Time) (workflow.Delivery, bool, error) {
	d := t.delivery(id, channel)
	if d.Lease.After(now) {
		return workflow.Delivery{}, false, nil
	}
	d.Lease = until
	return *d, true, nil
}

// Deliver implements workflow.Tx.
func (t tx) Deliver(_ context.Context, r workflow.DeliveryResult) (bool, error) {
	d := t.delivery(r.Item, r.Channel)
	if d.Gen != r.Gen {
		return false, nil
	}
	d.Have, d.Shown, d.Error, d.At, d.Lease = r.Have, r.Shown, r.Error, r.At, time.Time{}
	t.w.Records = append(t.w.Records, r.Record)
	return true, nil
}

// SetPack implements workflow.Tx.
func (t tx) SetPack(_ context.Context, id workflow.ItemID, digest, sha string, rec ledger.Record) (bool, error) {
	c, ok := t.w.cases[id]
	if !ok || c.Item.Digest != digest {
		return false, nil
	}
	c.Item.Pack = sha
	t.w.Records = append(t.w.Records, rec)
	return true, nil
}
