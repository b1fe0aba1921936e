package workflow

import (
	"context"
	"io"
	"time"

	"qingyang/review"
	"qingyang/workflow/ledger"
)

// Tx is one write transaction: a case comes out whole, a change goes in whole with its record.
type Tx interface {
	// Load returns the case, locked until the transaction ends, or ErrMissing.
	Load(ctx context.Context, id ItemID) (*Case, error)
	// Create stores a new item from ch (Item, Revision, Hands, Audience, Waits, Record) and returns its id, which it also
	// sets in the record, and the digest that digest computes once the id is known.
	Create(ctx context.Context, ch Change, digest func(Item) string) (ItemID, error)
	// Apply writes ch if c is still as loaded, else it returns ErrStale. Number is given out here.
	Apply(ctx context.Context, c *Case, ch Change) error
	// Note appends a record that changes nothing else: a refusal. ErrLog if the log can't be written, as for all that takes a
	// record; one that is Spooled is not written, and only Spoolable events may be.
	Note(ctx context.Context, rec ledger.Record) error
	// Replay appends the record of a removal that was done while the log could not be written, unless the log has it. It
	// returns false, and appends nothing, if the removal is not there.
	Replay(ctx context.Context, rec ledger.Record) (bool, error)

	// Deliver writes r if its generation is still the present one; otherwise it writes nothing and returns false.
	Deliver(ctx context.Context, r DeliveryResult) (bool, error)
	// Lease takes the delivery for one worker until the given time; false if another holds it at now.
	Lease(ctx context.Context, id ItemID, channel string, now, until time.Time) (Delivery, bool, error)
	// SetPack stores the archive pack's hash if the item still has that digest.
	SetPack(ctx context.Context, id ItemID, digest, sha string, rec ledger.Record) (bool, error)

	// Purge empties every text of a disposed item: title, revisions, findings, and what people wrote in decisions. Who decided
	// what and when stays, and so do digests.
	Purge(ctx context.Context, id ItemID, rec ledger.Record) error

	// SetChannel stores State, By and Reason of c with Gen + 1 if the stored Gen is still c.Gen, else it returns ErrStale.
	SetChannel(ctx context.Context, c Channel, rec ledger.Record) error
	// PutPerson inserts or updates a person with all keys; a key of another person is an error.
	PutPerson(ctx context.Context, p Person, account string) error
	// PutGrants replaces the grants of a person, whose word rec becomes.
	PutGrants(ctx context.Context, person string, gs []Grant, rec ledger.Record) error
	PutSession(ctx context.Context, s Session) error
	EndSession(ctx context.Context, hash string, rec ledger.Record) error
	// EndSessions ends every session of a person. It makes no record: what ends them does.
	EndSessions(ctx context.Context, person string) error
	// FollowGrants locks everybody's grants until the transaction ends; ErrStale if any changed since the given turn.
	FollowGrants(ctx context.Context, turn int64) error
	// PutSetup stores a new version of the house's configuration; ErrStale if s.Version is not 0 and not the next. A route
	// that is there stays as it is: ErrIllegal for another of the same id and version.
	PutSetup(ctx context.Context, s Setup, rec ledger.Record) error

	// File stores a motion and returns its number; ErrIllegal if one with the same subject waits.
	File(ctx context.Context, m Motion, rec ledger.Record) (int64, error)
	// Settle stores what was decided of a motion that waits, else it returns ErrStale. It makes no record: what the decision
	// changes does, or the refusal.
	Settle(ctx context.Context, m Motion) error

	// Propose stores a new proposal and returns its number.
	Propose(ctx context.Context, p Proposal, rec ledger.Record) (int64, error)
	// Decide stores what was decided of a proposal that nobody has decided yet, and the version it makes, nil for none, whose
	// number must follow the newest; otherwise ErrStale.
	Decide(ctx context.Context, p Proposal, v *LibraryVersion, jobs []Job, rec ledger.Record) error
	// LibraryActs returns the proposals, without changes, that holders of any of keys made or decided after since.
	LibraryActs(ctx context.Context, keys []string, since time.Time) ([]Proposal, error)
	// PutRetro stores how far a retro-scan has come.
	PutRetro(ctx context.Context, r Retro) error
}

// Store runs f in a transaction and returns once it is durable; f may run on another goroutine, may run again, and must not
// call the Store. The other methods read a consistent snapshot.
type Store interface {
	InTx(ctx context.Context, f func(Tx) error) error
	// Case returns the item as it stands, or ErrMissing.
	Case(ctx context.Context, id ItemID) (*Case, error)
	// ByNumber returns the item with that register number, void ones included, or ErrMissing.
	ByNumber(ctx context.Context, number string) (ItemID, error)
	// RevisionOf returns revision n of an item; ErrMissing.
	RevisionOf(ctx context.Context, id ItemID, n int) (Revision, error)
	// OwnFiles returns the SHA-256 of every attachment, rendition and pack that any revision of the item has and no other item.
	OwnFiles(ctx context.Context, id ItemID) ([]string, error)
	// Revisions returns all revisions without bodies, oldest first.
	Revisions(ctx context.Context, id ItemID) ([]Revision, error)
	List(ctx context.Context, q Query) ([]Row, string, error)
	// Clocks returns the items of units, of all if there are none, that somebody is waited for by a time, soonest first; Known tells
	// which of them admit one of keys.
	Clocks(ctx context.Context, units, keys []string, limit int) ([]Clock, error)
	// Count returns how many items List would give in all, or q.Most if there are as many or more.
	Count(ctx context.Context, q Query) (int, error)
	// Trail returns the records of an item in order of time.
	Trail(ctx context.Context, id ItemID) ([]Entry, error)
	// RegisterBook returns the lines of the register after the given one, newest first.
	RegisterBook(ctx context.Context, after string, limit int) ([]RegisterLine, string, error)

	// Shelf returns the ids of items that the channel should show now (want = have), newest first.
	Shelf(ctx context.Context, channel string, limit int) ([]ItemID, error)
	// Unsettled returns deliveries where want differs from have and no lease holds at now.
	Unsettled(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	// Ended returns items in states registered, scheduled or published all of whose windows ended before now.
	Ended(ctx context.Context, now time.Time, limit int) ([]ItemID, error)

	// Ids returns items in any of states, by number, after the given one.
	Ids(ctx context.Context, states []State, after ItemID, limit int) ([]ItemID, error)

	// Proposal returns a proposal with its changes; ErrMissing.
	Proposal(ctx context.Context, id int64) (Proposal, error)
	// Proposals returns proposals in a state, any if empty, newest first, without changes, from before the given number on.
	Proposals(ctx context.Context, s ProposalState, before int64, limit int) ([]Proposal, error)
	// LibraryVersions returns the versions after the given one, oldest first, with their changes.
	LibraryVersions(ctx context.Context, after int64, limit int) ([]LibraryVersion, error)
	// LibraryHistory returns versions before the given one, 0 for all, newest first, without changes.
	LibraryHistory(ctx context.Context, before int64, limit int) ([]LibraryVersion, error)
	// LibraryActs is Tx.LibraryActs.
	LibraryActs(ctx context.Context, keys []string, since time.Time) ([]Proposal, error)
	// Retro returns the retro-scan of that name; ErrMissing. Retros returns the newest ones first.
	Retro(ctx context.Context, name string) (Retro, error)
	Retros(ctx context.Context, limit int) ([]Retro, error)
	// Hits counts findings of terms since the first scan, most frequent first.
	Hits(ctx context.Context, limit int) ([]TermHits, error)

	// Motion returns a motion of that kind; ErrMissing. Motions returns those that q asks for.
	Motion(ctx context.Context, kind MotionKind, id int64) (Motion, error)
	Motions(ctx context.Context, q MotionQuery) ([]Motion, error)

	Setup(ctx context.Context) (Setup, error) // ErrMissing before the first
	Channels(ctx context.Context) ([]Channel, error)

	// PersonByAccount and PersonByKey find a person; ErrMissing.
	PersonByAccount(ctx context.Context, account string) (Person, error)
	PersonByKey(ctx context.Context, key string) (Person, error)
	// Grants returns what a person was granted, and the word for it.
	Grants(ctx context.Context, person string) ([]Grant, string, error)
	// GrantsTurn counts the changes of anybody's grants, for FollowGrants.
	GrantsTurn(ctx context.Context) (int64, error)
	People(ctx context.Context) ([]Person, error)
	// LastSignIns returns when each person last signed in.
	LastSignIns(ctx context.Context) (map[string]time.Time, error)
	// Holders returns who was granted role for scope, or for all; for any scope if it is empty. They come in order of name.
	Holders(ctx context.Context, role Role, scope string) ([]Person, error)
	Session(ctx context.Context, hash string) (Session, error)

	// Audit returns placed records after the given position; Entry.Seq is the position.
	Audit(ctx context.Context, after int64, limit int) ([]Entry, error)
	// Incidents returns records of halting, resuming and tampering since then, refusals among them, newest first.
	Incidents(ctx context.Context, since time.Time, limit int) ([]Entry, error)
	// LastAudit returns the time of the newest record, zero if none.
	LastAudit(ctx context.Context) (time.Time, error)
}

// Entry is one record of the log with its position; Seq is -1 until the sequencer has placed it.
type Entry struct {
	Seq int64
	ledger.Record
}

// Box is a list of the inbox.
type Box string

// The boxes: 待办, 已办, 我发起的, 草稿, everything one may see.
const (
	Todo   Box = "todo"
	Done   Box = "done"
	Mine   Box = "mine"
	Drafts Box = "drafts"
	All    Box = "all"
)

// Query asks for items. Only items that admit one of Keys are ever returned or counted. After is the cursor that a former
// call returned; Limit is 1 to 200. Counting stops at Most, or goes on to the end if that is 0.
type Query struct {
	Box    Box
	Keys   []string
	Person string
	States []State // empty for all
	Text   string  // part of a title or number; empty for all
	After  string
	Limit  int
	Most   int
}

// Row is one line of a list.
type Row struct {
	Item
	Channels []string
	Waits    []string // audience keys of who is waited for
}

// RegisterLine is one line of 登记台账.
type RegisterLine struct {
	Number    string
	Item      ItemID
	Title     string // empty for sealed items
	Unit      string
	At        time.Time
	By        string
	Void      bool
	VoidAt    time.Time
	State     State
	Published time.Time
}

// Session is a signed-in browser or program. Hash is the SHA-256 of the token; the token itself is never stored.
type Session struct {
	Hash    string
	Person  string
	CSRF    string
	Created time.Time
	Seen    time.Time
	Ended   bool
	Address string
}

// Scanner is the content check. An error means not scanned, never clean.
type Scanner interface {
	Scan(ctx context.Context, d review.Document) (review.Report, error)
	// Library returns the version that a report made now would carry.
	Library() string
}

// Lexicon is the matcher as the keepers of its library need it. Apply and Install may be called by several goroutines.
type Lexicon interface {
	// Fold returns the runes of s that the matcher compares: two texts that fold alike are the same to it.
	Fold(s string) string
	// BuiltIn returns the terms and allow phrases of the built-in libraries, switched off ones too.
	BuiltIn() []BuiltIn
	// Install puts l in force in place of whatever was, unless something newer is in force.
	Install(l *Library) error
	// Apply puts the changes of v, which follows what is in force, in force within a millisecond; what scans the better for
	// being compiled anew is done by the next Install. False if v needs an Install.
	Apply(v LibraryVersion) (bool, error)
	// Expired reports whether terms came into force or ceased to be since the last Install, or Apply left work to do.
	Expired() bool
	// Holds returns which of texts, as terms, occur in d, by whatever disguise the matcher sees through.
	Holds(ctx context.Context, d review.Document, texts []string) ([]string, error)
	// Read returns the lines of a list of terms: *InvalidError for what is none or holds more than limit bytes.
	Read(name string, r io.Reader, limit int64) ([]TermLine, error)
	// Around returns the words around f in d, up to the next sign and at most each characters on either side; "" if there
	// are none.
	Around(ctx context.Context, d review.Document, f review.Finding, each int) (string, error)
}

// Chooser is the full-text index as a retro-scan uses it: it proposes, the matcher decides.
type Chooser interface {
	// Choose calls fn with every item that may hold one of texts. It knows every item that the log named before the call.
	Choose(ctx context.Context, texts []string, fn func(ItemID) error) error
}

// Blobs keeps content by its SHA-256. Open fails, or its reader does, unless the bytes have that hash. Isolate takes content out
// of Open's reach for good and keeps it for whoever looks for its source: Open then says ErrQuarantined. Isolating what is not
// there, or is isolated already, is no error.
type Blobs interface {
	Put(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error)
	Open(ctx context.Context, sha string) (io.ReadCloser, error)
	Delete(ctx context.Context, sha string) error
	Isolate(ctx context.Context, sha string) error
}

// Page is one rendition's bytes with what does not fit.
type Page struct {
	Name, Media string
	Bytes       []byte
	Fit         []Reason // warnings; empty if all fits
}

// Renderer makes what a channel will show. It is pure: the same input gives the same bytes.
type Renderer interface {
	Render(house string, it Item, r Revision, c Channel) ([]Page, error)
}

// Signer signs decisions with a key that is not in the database and verifies what any of its keys signed.
type Signer interface {
	// Key names the key that Sign uses.
	Key() string
	Sign(msg []byte) (key, sig string)
	Verify(key string, msg []byte, sig string) bool
}

// Directory says who a person is. ErrCredentials for every refusal alike; ErrUnavailable if it does not answer in 5 s.
type Directory interface {
	SignIn(ctx context.Context, account, password string) (DirectoryEntry, error)
	// Lookup returns the entry of an account; ErrMissing.
	Lookup(ctx context.Context, account string) (DirectoryEntry, error)
}

// DirectoryEntry is a person as the directory knows them. ID is entryUUID or objectGUID.
type DirectoryEntry struct {
	ID, Account, Name, Employee, Unit string
	Disabled                          bool
}

// Antivirus judges one file. Name is the malware's; an error means not scanned, never clean.
type Antivirus interface {
	Scan(ctx context.Context, r io.Reader) (clean bool, name string, err error)
}

// FileDoor judges an upload by its name and first bytes before it is stored: an *InvalidError with Too "type", or nil and
// the media type.
type FileDoor interface {
	Admit(name string, head []byte) (media string, err error)
	// Whole judges the stored file: an *InvalidError if it is broken, encrypted, too large unpacked, or not what it says.
	Whole(ctx context.Context, u review.Upload) error
}

// Finder is the full-text index: derived data, updated by following the log. Hits name items that admit one of keys.
type Finder interface {
	Find(ctx context.Context, query string, keys []string, limit int) ([]Hit, error)
}

// Hit is one item found, with the words around the place; Where is title, body, opinion or attachment.
type Hit struct {
	Item  ItemID
	Where string
	Words string
}
