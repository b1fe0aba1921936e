package workflow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"qingyang/review"
	"qingyang/workflow/ledger"
)

// memory is a Store for tests of the desk alone; storage/storetest holds the real ones to the same promises.
type memory struct {
	Store // what these tests never call
	mu    sync.Mutex
	cases map[ItemID]*Case
	log   []ledger.Record
	jobs  []Job
	setup Setup
	last  int
	bmu   sync.Mutex        // of blobs alone: content is read outside transactions
	blobs map[string][]byte // nil: in quarantine

	people []Actor         // with their grants as of now
	gone   map[string]bool // from the directory

	deleted []string // blobs

	proposals []Proposal
	versions  []LibraryVersion
	retros    map[string]Retro

	motions   []Motion
	persons   map[string]Person // as a grant left them; before that they are in people
	granted   map[string]grantRow
	turn      int64
	ended     []string // whose sessions were
	lastSeen  map[string]time.Time
	hired     map[string]DirectoryEntry
	setupWord string // of the setup, once a motion made it
}

func newMemory(s Setup) *memory {
	return &memory{
		people: cast(), gone: map[string]bool{}, cases: map[ItemID]*Case{}, setup: s, blobs: map[string][]byte{}, retros: map[string]Retro{},
		persons: map[string]Person{}, granted: map[string]grantRow{}, lastSeen: map[string]time.Time{}, hired: map[string]DirectoryEntry{},
	}
}

func (s *memory) InTx(ctx context.Context, f func(Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.keep()
	err := f(memoryTx{memory: s})
	if err != nil {
		s.putBack(before)
	}
	return err
}

func (s *memory) Case(_ context.Context, id ItemID) (*Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(id)
}

func (s *memory) load(id ItemID) (*Case, error) {
	c, ok := s.cases[id]
	if !ok {
		return nil, ErrMissing
	}
	out := *c
	out.Decisions, out.Hands, out.Findings = slices.Clone(c.Decisions), slices.Clone(c.Hands), slices.Clone(c.Findings)
	out.Deliveries, out.Audience = slices.Clone(c.Deliveries), slices.Clone(c.Audience)
	s.family(&out)
	return &out, nil
}

// family fills in the relatives of c and what was played in any of them.
func (s *memory) family(c *Case) {
	if c.Item.Family == 0 {
		return
	}
	for id := ItemID(1); int(id) <= len(s.cases); id++ {
		k := s.cases[id]
		if k.Item.ID == c.Item.Parent || k.Item.Parent == c.Item.ID || c.Item.Parent != 0 && k.Item.Parent == c.Item.Parent && id != c.Item.ID {
			r := Relative{ID: id, Parent: k.Item.Parent, Kin: k.Item.Kin, State: k.Item.State, Number: k.Item.Number, Title: k.Item.Title}
			r.Deliveries = slices.Clone(k.Deliveries)
			if id == c.Item.Parent {
				r.Covered = k.Item.Covered
			}
			c.Relatives = append(c.Relatives, r)
		}
		if k.Item.Family == c.Item.Family {
			c.Elders = append(c.Elders, k.Hands...)
		}
	}
}

func (s *memory) Setup(context.Context) (Setup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, k := s.setup, newKeyed()
	if out.Word = s.setupWord; out.Word != "" {
		return out, nil
	}
	out.Word = string(signedRecord(k, with(ledger.Record{Event: string(Configured)}, detailSetup, out.Sum())).Bytes())
	return out, nil
}

func (s *memory) Trail(_ context.Context, id ItemID) (es []Entry, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.log {
		if r.Item == int64(id) {
			es = append(es, Entry{int64(i), r})
		}
	}
	return es, nil
}

func (s *memory) LastAudit(context.Context) (time.Time, error) { return time.Time{}, nil }
func (s *memory) Channels(context.Context) ([]Channel, error)  { return s.setup.Channels, nil }
func (s *memory) PersonByAccount(_ context.Context, account string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.persons[account]; ok {
		return p, nil
	}
	if !slices.ContainsFunc(s.people, func(a Actor) bool { return a.ID == account }) {
		return Person{}, ErrMissing
	}
	return s.person(account).Person, nil
}

func (s *memory) Grants(_ context.Context, person string) ([]Grant, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.granted[person]; ok {
		return g.grants, g.word, nil
	}
	if _, ok := s.persons[person]; ok || !slices.ContainsFunc(s.people, func(a Actor) bool { return a.ID == person }) {
		return nil, "", nil
	}
	a := s.person(person)
	rec := ledger.Record{Event: string(Granted), Result: ledger.Done, Reasons: GrantNames(a.Grants)}
	rec = with(with(rec, detailTo, a.ID), detailKeys, KeysSum(a.Person))
	return a.Grants, string(signedRecord(newKeyed(), rec).Bytes()), nil
}

func (s *memory) ByNumber(_ context.Context, number string) (ItemID, error) {
	for id, c := range s.cases {
		if c.Item.Number == number {
			return id, nil
		}
	}
	return 0, ErrMissing
}

func (s *memory) Holders(_ context.Context, role Role, scope string) (out []Person, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.people {
		if g, ok := s.granted[a.ID]; ok {
			a.Person, a.Grants = s.persons[a.ID], g.grants
		}
		if a.Has(role, scope) {
			out = append(out, a.Person)
		}
	}
	return out, nil
}

func (s *memory) OwnFiles(_ context.Context, id ItemID) (out []string, _ error) {
	for _, r := range s.cases[id].Revision.Renditions {
		out = append(out, r.SHA256)
	}
	return out, nil
}

func (s *memory) person(id string) Actor {
	return s.people[slices.IndexFunc(s.people, func(a Actor) bool { return a.ID == id })]
}

// Lookup and SignIn make it a Directory.
func (s *memory) Lookup(_ context.Context, account string) (DirectoryEntry, error) {
	if s.gone[account] {
		return DirectoryEntry{}, ErrMissing
	}
	if e, ok := s.hired[account]; ok {
		return e, nil
	}
	return DirectoryEntry{Account: account}, nil
}

func (s *memory) SignIn(context.Context, string, string) (DirectoryEntry, error) {
	return DirectoryEntry{}, ErrCredentials
}

func (s *memory) Delete(_ context.Context, sha string) error {
	s.deleted = append(s.deleted, sha)
	return nil
}

func (s *memory) Render(string, Item, Revision, Channel) ([]Page, error) {
	return []Page{{Name: "page.html", Media: "text/html", Bytes: []byte("x")}}, nil
}

func (s *memory) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	b, err := io.ReadAll(r)
	h := sha256.Sum256(b)
	sha := hex.EncodeToString(h[:])
	s.bmu.Lock()
	defer s.bmu.Unlock()
	if old, ok := s.blobs[sha]; !ok || old != nil { // in quarantine for good
		s.blobs[sha] = b
	}
	return sha, int64(len(b)), err
}

func (s *memory) Isolate(_ context.Context, sha string) error {
	s.bmu.Lock()
	defer s.bmu.Unlock()
	s.blobs[sha] = nil
	return nil
}

func (s *memory) Open(_ context.Context, sha string) (io.ReadCloser, error) {
	s.bmu.Lock()
	defer s.bmu.Unlock()
	b, ok := s.blobs[sha]
	if ok && b == nil {
		return nil, ErrQuarantined
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// attest gives c, which a test made by hand, the word of who made it so.
func attest(k Signer, c *Case) {
	c.Word = string(Attest(k, ledger.Record{Item: int64(c.Item.ID), To: string(c.Item.State), Result: ledger.Done}, c).Bytes())
}

// memoryTx adds the writes.
type memoryTx struct {
	Tx
	*memory
}

func (t memoryTx) Load(_ context.Context, id ItemID) (*Case, error) { return t.load(id) }

func (t memoryTx) Note(_ context.Context, rec ledger.Record) error {
	t.memory.log = append(t.memory.log, rec)
	return nil
}

func (t memoryTx) Create(ctx context.Context, ch Change, digest func(Item) string) (ItemID, error) {
	id := ItemID(len(t.cases) + 1)
	ch.Item.ID, ch.Item.Version = id, 1
	ch.Item.Digest = digest(ch.Item)
	t.cases[id] = &Case{Item: ch.Item, Revision: *ch.Revision, Hands: ch.Hands, Audience: ch.Audience, Route: t.setup.Routes[0]}
	ch.Record.Item = int64(id)
	ch.Record = ch.Attest(ch.Item, ch.Record)
	t.cases[id].Word = string(ch.Record.Bytes())
	return id, t.Note(ctx, ch.Record)
}

func (t memoryTx) Apply(ctx context.Context, c *Case, ch Change) error {
	s := t.cases[c.Item.ID]
	if s.Item.Version != c.Item.Version || s.Item.Digest != c.Item.Digest {
		return ErrStale
	}
	version, oldRevision := s.Item.Version, s.Item.Revision
	s.Item = ch.Item
	s.Item.Version = version + 1
	if ch.Series != "" {
		t.last++
		s.Item.Number = fmt.Sprint(ch.Series, t.last)
	}
	if ch.Revision != nil {
		s.Revision = *ch.Revision
	}
	if s.Item.Revision != oldRevision {
		s.Findings, s.Scan = nil, Scan{}
	}
	if ch.Decision != nil {
		s.Decisions = append(s.Decisions, *ch.Decision)
	}
	for _, h := range ch.Hands {
		if !slices.Contains(s.Hands, h) {
			s.Hands = append(s.Hands, h)
		}
	}
	for _, f := range ch.Findings {
		if i := slices.IndexFunc(s.Findings, func(g Finding) bool { return g.ID == f.ID }); i >= 0 {
			s.Findings[i] = f
		} else {
			s.Findings = append(s.Findings, f)
		}
	}
	if ch.Scan != nil {
		s.Scan = *ch.Scan
	}
	t.want(s, ch.Wants)
	if ch.Only {
		s.Audience = nil
	}
	s.Audience = append(s.Audience, ch.Audience...)
	s.Word = string(ch.Record.Bytes())
	t.memory.jobs = append(t.memory.jobs, ch.Jobs...)
	if ch.Proposal != nil {
		p := *ch.Proposal
		p.ID = int64(len(t.proposals) + 1)
		t.memory.proposals = append(t.memory.proposals, p)
	}
	return t.Note(ctx, ch.Record)
}

func (t memoryTx) Purge(ctx context.Context, id ItemID, rec ledger.Record) error {
	t.cases[id].Revision.Content = Content{}
	return t.Note(ctx, rec)
}

func (t memoryTx) want(s *Case, ws []Want) {
	for _, w := range ws {
		i := slices.IndexFunc(s.Deliveries, func(d Delivery) bool { return d.Channel == w.Channel })
		if i < 0 {
			s.Deliveries = append(s.Deliveries, Delivery{Channel: w.Channel})
			i = len(s.Deliveries) - 1
		}
		s.Deliveries[i].Want, s.Deliveries[i].Have = w.Digest, w.Digest // a channel that obeys at once
		s.Deliveries[i].Gen++
	}
}

// words is a Scanner that finds fixed words in the body.
type words struct {
	mu      sync.Mutex
	library string
	terms   map[string]review.Finding
}

func (w *words) Library() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.library
}

func (w *words) Scan(_ context.Context, d review.Document) (review.Report, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rep := review.Report{Digest: d.Digest, Library: w.library}
	for _, p := range d.Parts {
		for term, f := range w.terms {
			if i := bytes.Index([]byte(p.Text), []byte(term)); i >= 0 && p.Name == "body" {
				f.Part, f.Text, f.Start, f.End, f.Rule = p.Name, term, i, i+len(term), term
				rep.Findings = append(rep.Findings, f)
			}
		}
	}
	return rep, nil
}
