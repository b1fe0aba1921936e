package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"qingyang/workflow/ledger"
)

// Whoever administers the database can write any row, but can't sign. So each row that a decision leans on carries the
// signed record of the act that made it what it is, its word: a row that its word does not describe was written by nobody
// who may. What a word can't tell is that a newer one was taken away together with its row; Seen remembers that.

// The keys of Record.Detail that words carry.
const (
	detailRows     = "rows"     // SHA-256 of the item's rows as the act left them
	detailDecision = "decision" // SHA-256 of the decision that was signed
	detailChannel  = "channel"
	detailGen      = "gen"
	detailLive     = "live" // the channels that a configuration begins with, by id
	detailTo       = "to"   // who was granted roles
	detailKeys     = "keys" // SHA-256 of the keys of the one who was
	detailSetup    = "setup"
	detailSpooled  = "spooled" // the act could not be logged when it was done
)

// rows is everything in the database that a decision about an item leans on, but for what the store itself gives out:
// number and archive pack. A field that is missing here can be rewritten by hand without anybody's noticing.
type rows struct {
	Version   int64      `json:"version"`
	State     State      `json:"state"`
	Revision  int        `json:"revision"`
	Round     int        `json:"round"`
	Class     Class      `json:"class"`
	Urgency   Urgency    `json:"urgency"`
	Unit      string     `json:"unit"`
	Author    string     `json:"author"`
	Name      string     `json:"author_name"`
	Title     string     `json:"title"`
	Column    string     `json:"column"`
	RouteID   string     `json:"route_id"`
	Open      int        `json:"open"`
	Times     [3]int64   `json:"times"` // created, since, due in µs
	Route     Route      `json:"route"`
	Text      Revision   `json:"text"`
	Decisions []string   `json:"decisions"` // their signatures
	Hands     []Hand     `json:"hands"`
	Findings  []*Finding `json:"findings"`
	Scan      Scan       `json:"scan"`
	Family    [2]ItemID  `json:"family"` // parent, first of all
	Kin       Kin        `json:"kin"`
	Claim     *Claim     `json:"claim"`
	Reminder  *Reminder  `json:"reminder"`
	Before    State      `json:"sealed_from,omitempty"`
	Covered   []string   `json:"covered,omitempty"`
}

// Rows returns the SHA-256 over the rows of c in hex. The order in which a store returns them does not count.
func (c *Case) Rows() string {
	it := c.Item
	r := rows{
		Version: it.Version, State: it.State, Revision: it.Revision, Round: it.Round, Class: it.Class, Urgency: it.Urgency, Unit: it.Unit,
		Author: it.Author, Name: it.AuthorName, Title: it.Title, Column: it.Column, RouteID: it.Route, Open: it.Open, Route: c.Route,
		Text: c.Revision, Scan: c.Scan, Family: [2]ItemID{it.Parent, it.Family}, Kin: it.Kin, Claim: it.Claim, Reminder: it.Reminder, Before: it.SealedFrom, Covered: it.Covered, Hands: slices.Clone(c.Hands), Times: [3]int64{},
	}
	r.Text.Attachments = slices.Clone(r.Text.Attachments)
	for i := range r.Text.Attachments {
		r.Text.Attachments[i].Scan = "" // the scan says it; a view copies it here
	}
	if len(r.Scan.Files) == 0 {
		r.Scan.Files = nil
	}
	for i, t := range []interface {
		IsZero() bool
		UnixMicro() int64
	}{it.Created, it.Since, it.Due} {
		if !t.IsZero() {
			r.Times[i] = t.UnixMicro()
		}
	}
	for _, d := range c.Decisions {
		r.Decisions = append(r.Decisions, d.Sig)
	}
	for i := range c.Findings {
		r.Findings = append(r.Findings, &c.Findings[i])
	}
	slices.Sort(r.Decisions)
	slices.SortFunc(r.Hands, func(x, y Hand) int { return strings.Compare(x.Key, y.Key) })
	slices.SortFunc(r.Findings, func(x, y *Finding) int { return strings.Compare(x.ID, y.ID) })
	return sum(r)
}

func sum(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, integers and times only
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// with returns rec with one more detail; the map of the given one stays as it is.
func with(rec ledger.Record, key, value string) ledger.Record {
	d := maps.Clone(rec.Detail)
	if d == nil {
		d = map[string]string{}
	}
	d[key] = value
	rec.Detail = d
	return rec
}

// Attest returns rec, the record of the act that left c as it is, bound to the rows of c and signed.
func Attest(s Signer, rec ledger.Record, c *Case) ledger.Record {
	return signedRecord(s, with(rec, detailRows, c.Rows()))
}

// AttestChannel returns rec, the record of the act that left ch as it is, bound to it and signed.
func AttestChannel(s Signer, rec ledger.Record, ch Channel) ledger.Record {
	rec = with(with(rec, detailChannel, ch.ID), detailGen, strconv.FormatInt(ch.Gen, 10))
	rec.To = ch.State
	return signedRecord(s, rec)
}

// word parses a stored word; false unless one of our keys signed it.
func word(s Signer, text string) (ledger.Record, bool) {
	if text == "" {
		return ledger.Record{}, false
	}
	rec, err := ledger.Parse([]byte(text))
	return rec, err == nil && SignedWord(s, rec)
}

// SignedWord reports whether the signature on rec holds.
func SignedWord(s Signer, rec ledger.Record) bool {
	bare := rec
	bare.Sig = ""
	return s.Verify(rec.Key, bare.Bytes(), rec.Sig)
}

// genuine reports whether the rows of c are those that its word describes.
func (c *Case) genuine(s Signer) bool {
	rec, ok := word(s, c.Word)
	return ok && rec.Item == int64(c.Item.ID) && rec.Result == ledger.Done && rec.To == string(c.Item.State) && rec.Detail[detailRows] == c.Rows()
}

// Standing returns c as those left it who may switch it: a row that says live and is not borne out by its word, or is older
// than what this host has seen, stands halted.
func (c Channel) Standing(s Signer, seen *Seen) Channel {
	if c.live(s, seen) {
		return c
	}
	c.State = ChannelHalted
	if rec, ok := word(s, c.Word); ok && Event(rec.Event) == HaltChannel && rec.Detail[detailChannel] == c.ID {
		c.By = rec.Person
	}
	return c
}

// live reports whether the last who switched c signed that it be live.
func (c Channel) live(s Signer, seen *Seen) bool {
	if c.State != ChannelLive {
		return false
	}
	rec, ok := word(s, c.Word)
	if !ok || rec.Result != ledger.Done || seen.After(channelSubject(c.ID), rec.At) {
		return false
	}
	if Event(rec.Event) == Configured { // it was never switched
		return c.Gen == 0 && slices.Contains(strings.Fields(rec.Detail[detailLive]), c.ID)
	}
	return Event(rec.Event) == ResumeChannel && rec.To == c.State && rec.Detail[detailChannel] == c.ID && rec.Detail[detailGen] == strconv.FormatInt(c.Gen, 10)
}

// grantsGenuine reports whether gs are what was last granted to p, who has the keys of then: a key that was moved to p in
// the database would let another account in as p.
func grantsGenuine(s Signer, seen *Seen, p Person, gs []Grant, text string) bool {
	rec, ok := word(s, text)
	return ok && Event(rec.Event) == Granted && rec.Result == ledger.Done && rec.Detail[detailTo] == p.ID &&
		rec.Detail[detailKeys] == KeysSum(p) && slices.Equal(rec.Reasons, GrantNames(gs)) && !seen.After(grantsSubject(p.ID), rec.At)
}

// KeysSum returns what a grant is bound to: the SHA-256 of the keys of p. The log has it instead of employee numbers.
func KeysSum(p Person) string { return sum(slices.Sorted(slices.Values(p.Keys))) }

// GrantNames returns the grants as the log names them: role@scope, or the role alone.
func GrantNames(gs []Grant) []string {
	var out []string
	for _, g := range gs {
		out = append(out, strings.TrimSuffix(string(g.Role)+"@"+g.Scope, "@"))
	}
	return out
}

// Sum returns the SHA-256 of a configuration, device keys included, in hex.
func (s Setup) Sum() string {
	keys := map[string]string{}
	for _, c := range s.Channels {
		keys[c.ID] = c.Key
	}
	return sum(struct {
		Setup
		Keys map[string]string `json:"keys"`
	}{s, keys})
}

// genuine reports whether s was configured by who signed its word, and nothing newer since.
func (s Setup) genuine(k Signer, seen *Seen) bool {
	rec, ok := word(k, s.Word)
	return ok && Event(rec.Event) == Configured && rec.Detail[detailSetup] == s.Sum() && !seen.After(setupSubject, rec.At)
}
