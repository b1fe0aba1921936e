// Package housetest opens the demo house for tests of the faces: SQLite, a folder, the built-in directory, the engine with the
// seeds' libraries, and the desk over them. There are no jobs: a test runs those itself.
package housetest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/review/term"
	"qingyang/seeds"
	"qingyang/seeds/library"
	"qingyang/seeds/staff"
	"qingyang/storage/blob"
	"qingyang/storage/db"
	"qingyang/storage/directory"
	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/lexicon"
	"qingyang/workflow/render"
)

// House is the demo house. Its clock stands still; Later moves it on.
type House struct {
	Later  time.Duration
	T      *testing.T
	Desk   *workflow.Desk
	DB     *db.DB
	Engine *engine.Engine
	Seq    *db.Sequencer
	Log    *Log // of the program
	Now    func() time.Time
}

// Open furnishes a house at that time and closes it with t.
func Open(t *testing.T, at time.Time) *House {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // what closes the house still needs one
	h := &House{T: t, Log: &Log{}}
	h.Now = func() time.Time { return at.Add(h.Later) }
	h.DB = Must[*db.DB](t)(db.Open(ctx, db.Config{Path: filepath.Join(t.TempDir(), "q.db")}, h.Logger()))
	t.Cleanup(func() { _ = h.DB.Close() })
	dir := Must[*directory.BuiltIn](t)(directory.Serve(ctx, staff.LDIF()))
	t.Cleanup(func() { _ = dir.Close() })
	who := people{Must[*directory.Directory](t)(directory.New(dir.Config()))}
	key := Must[ledger.Key](t)(ledger.NewKey(strings.NewReader(strings.Repeat("k", 64))))
	public := Must[ledger.PublicKeys](t)(ledger.ParsePublicKeys(key.Public()))
	rules, err := library.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	h.Engine = engine.New(rules, pii.New(h.Now))
	h.Desk = Must[*workflow.Desk](t)(workflow.NewDesk(ctx, workflow.Parts{
		Store: h.DB, Scanner: h.Engine, Blobs: Must[*blob.Folder](t)(blob.OpenFolder(t.TempDir())),
		Renderer: render.Renderer{}, Signer: signer{key, public}, Directory: who, Door: door{}, Now: h.Now,
		Lexicon: lexicon.New(h.Engine, Must[[]term.Library](t)(library.All()), h.Now),
	}))
	h.Seq = &db.Sequencer{DB: h.DB, Key: key, Keys: public, Path: filepath.Join(t.TempDir(), "checkpoint"), Now: h.Now}
	h.furnish(ctx, who)
	return h
}

func (h *House) furnish(ctx context.Context, dir workflow.Directory) {
	h.T.Helper()
	if err := h.Desk.Configure(ctx, Must[workflow.Setup](h.T)(seeds.DemoSetup())); err != nil {
		h.T.Fatal(err)
	}
	grants := map[string][]workflow.Grant{}
	for _, g := range Must[[]staff.Grant](h.T)(staff.Roles()) {
		grants[g.Account] = append(grants[g.Account], workflow.Grant{Role: workflow.Role(g.Role), Scope: g.Scope})
	}
	for account, gs := range grants {
		if err := h.Desk.Enrol(ctx, Must[workflow.DirectoryEntry](h.T)(dir.Lookup(ctx, account)), gs); err != nil {
			h.T.Fatal(err)
		}
	}
}

// Gate returns a gate with the routes of one face.
func (h *House) Gate(f gate.Face, rs []gate.Route) *gate.Gate {
	g := gate.New(gate.Config{People: h.Desk, Now: h.Now, Log: h.Logger()})
	g.Mount(f, rs...)
	return g
}

// Logger writes to Log.
func (h *House) Logger() *slog.Logger { return slog.New(slog.NewJSONHandler(h.Log, nil)) }

// Item returns an item as it stands.
func (h *House) Item(id workflow.ItemID) workflow.Item {
	h.T.Helper()
	return Must[*workflow.Case](h.T)(h.DB.Case(h.T.Context(), id)).Item
}

// Scan does what the scan job would.
func (h *House) Scan(id workflow.ItemID) {
	h.T.Helper()
	it := h.Item(id)
	if err := h.Desk.Scan(h.T.Context(), workflow.ScanJob{Item: it.ID, Revision: it.Revision, Round: it.Round}); err != nil {
		h.T.Fatal(err)
	}
}

// Pack does what the pack job would, without a pack.
func (h *House) Pack(id workflow.ItemID) {
	h.T.Helper()
	it := h.Item(id)
	err := h.DB.InTx(h.T.Context(), func(tx workflow.Tx) error {
		_, err := tx.SetPack(h.T.Context(), it.ID, it.Digest, strings.Repeat("a", 64),
			ledger.Record{At: h.Now(), Event: string(workflow.Archived), Result: ledger.Done})
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
}

// Must returns the value of a call that has to succeed.
func Must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Log is a program's log, safe to write from many goroutines.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Has reports whether s was written.
func (l *Log) Has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), s)
}

// people gives the directory's answers in the Desk's terms.
type people struct{ *directory.Directory }

// SignIn implements workflow.Directory.
func (p people) SignIn(ctx context.Context, account, password string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.SignIn(ctx, account, password)
	return workflow.DirectoryEntry(e), told(err)
}

// Lookup implements workflow.Directory.
func (p people) Lookup(ctx context.Context, account string) (workflow.DirectoryEntry, error) {
	e, err := p.Directory.Lookup(ctx, account)
	return workflow.DirectoryEntry(e), told(err)
}

// told gives the directory's errors in the Desk's terms.
func told(err error) error {
	switch {
	case errors.Is(err, directory.ErrCredentials):
		return workflow.ErrCredentials
	case errors.Is(err, directory.ErrMissing):
		return workflow.ErrMissing
	case err != nil:
		return errors.Join(workflow.ErrUnavailable, err)
	}
	return nil
}

type signer struct {
	key    ledger.Key
	public ledger.PublicKeys
}

// Key and Sign implement workflow.Signer.
func (s signer) Key() string                       { return s.key.ID }
func (s signer) Sign(msg []byte) (key, sig string) { return s.key.ID, s.key.Sign(msg) }

// Verify implements workflow.Signer.
func (s signer) Verify(key string, msg []byte, sig string) bool {
	return s.public.Verify(key, msg, sig) == nil
}

// door lets text in by its name; cmd holds the real door to its promise.
type door struct{}

// Whole finds nothing wrong with any file.
func (door) Whole(context.Context, review.Upload) error { return nil }

// Admit takes text files alone.
func (door) Admit(name string, _ []byte) (string, error) {
	if !strings.HasSuffix(name, ".txt") {
		return "", &workflow.InvalidError{Too: "type", Reasons: []workflow.Reason{{Code: "file_type", Field: "file"}}}
	}
	return "text/plain", nil
}
