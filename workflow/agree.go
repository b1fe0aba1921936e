package workflow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"qingyang/workflow/ledger"
)

// Disagreement says that rows are not what the log says of them, or that a record lacks the signature that it must have.
// Seq is the position of the record that the rows should agree with, or of the record itself; -1 if the log knows nothing.
type Disagreement struct { //nolint:errname // the rows disagree: said at every caller as it is meant
	Seq  int64
	What string // the rows, in words for the operator
}

// Error names rows and record.
func (d *Disagreement) Error() string {
	if d.Seq < 0 {
		return d.What + " 在日志中没有依据 (is nowhere in the log)"
	}
	return fmt.Sprintf("%s 与日志第 %d 条不符 (disagrees with record %d)", d.What, d.Seq, d.Seq)
}

// said is the last record of a subject.
type said struct {
	seq int64
	rec ledger.Record
}

// Agreement holds the rows of a database against its log: the records first, in order, then the rows. It is not safe for
// concurrent use.
type Agreement struct {
	last      map[string]said // by subject: item, channel, grants
	shown     map[string]bool // subjects whose rows were compared
	setups    []said
	decisions map[string]bool   // by Decision.Sum
	packs     map[ItemID]string // the archive pack that was written last
}

// NewAgreement returns one that knows no record.
func NewAgreement() *Agreement {
	return &Agreement{last: map[string]said{}, shown: map[string]bool{}, decisions: map[string]bool{}, packs: map[ItemID]string{}}
}

// Add enters the next record. It returns a *Disagreement for one that nobody signed though its kind is always signed. Whether a
// signature holds is the ledger's to say.
func (a *Agreement) Add(seq int64, rec ledger.Record) error {
	e := Event(rec.Event)
	_, rows := rec.Detail[detailRows]
	moves := rec.Item != 0 && e != Create && rec.From != rec.To
	switched := slices.Contains([]Event{HaltChannel, ResumeChannel, Granted, Configured}, e)
	if e == Archived {
		a.packs[ItemID(rec.Item)] = rec.Detail["pack"]
	}
	if rec.Result != ledger.Done || !rows && !moves && !switched {
		return nil
	}
	if rec.Sig == "" {
		return &Disagreement{Seq: seq, What: "没有签名的记录 unsigned record " + rec.Event}
	}
	a.enter(seq, rec, e, switched)
	return nil
}

func (a *Agreement) enter(seq int64, rec ledger.Record, e Event, switched bool) {
	switch {
	case e == Configured:
		a.setups = append(a.setups, said{seq, rec})
		for _, id := range strings.Fields(rec.Detail[detailLive]) {
			if _, ok := a.last[channelSubject(id)]; !ok {
				a.last[channelSubject(id)] = said{seq, rec}
			}
		}
	case e == Granted:
		a.last[grantsSubject(rec.Detail[detailTo])] = said{seq, rec}
	case switched:
		a.last[channelSubject(rec.Detail[detailChannel])] = said{seq, rec}
	default:
		a.last[itemSubject(ItemID(rec.Item))] = said{seq, rec}
		a.decisions[rec.Detail[detailDecision]] = true
	}
}

func (a *Agreement) agrees(subject, what string, ok func(ledger.Record) bool) error {
	a.shown[subject] = true
	l, known := a.last[subject]
	switch {
	case !known:
		return &Disagreement{Seq: -1, What: what}
	case !ok(l.rec):
		return &Disagreement{Seq: l.seq, What: what}
	}
	return nil
}

// Item compares the rows of an item with what the last act on it left.
func (a *Agreement) Item(c *Case) error {
	return a.agrees(itemSubject(c.Item.ID), fmt.Sprintf("稿件 item %d", c.Item.ID), func(r ledger.Record) bool {
		same := r.Detail[detailRows] == c.Rows() && r.To == string(c.Item.State) && c.Word == string(r.Bytes())
		if Event(r.Event) == Purged { // nothing is left that digests and decisions were made of
			return same
		}
		return same && NewManifest(c.Item, c.Revision).Digest() == c.Item.Digest && (c.Item.Pack == "" || c.Item.Pack == a.packs[c.Item.ID]) &&
			!slices.ContainsFunc(c.Decisions, func(d Decision) bool { return !a.decisions[d.Sum()] }) &&
			slices.IsSortedFunc(c.Decisions, func(x, y Decision) int { return x.At.Compare(y.At) })
	})
}

// Rest returns a *Disagreement if the log speaks of an item, a channel or a person whose rows were not shown. It comes last.
func (a *Agreement) Rest() error {
	var first *Disagreement
	for subject, l := range a.last {
		if gone := Event(l.rec.Event) == Granted && len(l.rec.Reasons) == 0; a.shown[subject] || gone {
			continue
		}
		if first == nil || l.seq < first.Seq {
			first = &Disagreement{Seq: l.seq, What: "已删除的行 deleted rows of " + subject}
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// Channel compares a channel with who switched it last and with the configuration in force.
func (a *Agreement) Channel(ch Channel, s Setup) error {
	return a.agrees(channelSubject(ch.ID), "渠道 channel "+ch.ID, func(r ledger.Record) bool {
		was, by, gen := r.To, r.Person, r.Detail[detailGen]
		if Event(r.Event) == Configured {
			was, gen = ChannelLive, "0"
		}
		if was == ChannelLive {
			by = ""
		}
		same := ch.State == was && ch.By == by && strconv.FormatInt(ch.Gen, 10) == gen && ch.Word == string(r.Bytes())
		conf, ok := s.channel(ch.ID)
		conf.State, conf.Gen, conf.By, conf.Reason, conf.Word = ch.State, ch.Gen, ch.By, ch.Reason, ch.Word
		return same && (!ok || conf == ch)
	})
}

// Grants compares what a person was granted with the last record of it.
func (a *Agreement) Grants(p Person, gs []Grant, text string) error {
	if _, known := a.last[grantsSubject(p.ID)]; !known && len(gs) == 0 {
		return nil
	}
	return a.agrees(grantsSubject(p.ID), "授权 grants of "+p.ID, func(r ledger.Record) bool {
		return slices.Equal(r.Reasons, GrantNames(gs)) && (len(gs) == 0 || text == string(r.Bytes()) && r.Detail[detailKeys] == KeysSum(p))
	})
}

// Setups compares the configurations, the oldest first, with the records of them, and routes, by name, with the configurations.
func (a *Agreement) Setups(all []Setup, routes map[string]Route) error {
	want := map[string]Route{}
	for i, s := range all {
		if i >= len(a.setups) {
			return &Disagreement{Seq: -1, What: fmt.Sprintf("配置 configuration %d", i+1)}
		}
		if l := a.setups[i]; l.rec.Detail[detailSetup] != s.Sum() || s.Word != string(l.rec.Bytes()) {
			return &Disagreement{Seq: l.seq, What: fmt.Sprintf("配置 configuration %d", i+1)}
		}
		for _, r := range s.Routes {
			want[r.name()] = r
		}
	}
	if n := len(all); n < len(a.setups) {
		return &Disagreement{Seq: a.setups[n].seq, What: fmt.Sprintf("已删除的配置 deleted configuration %d", n+1)}
	}
	if sum(want) != sum(routes) && len(a.setups) > 0 {
		return &Disagreement{Seq: a.setups[len(a.setups)-1].seq, What: "流程 routes"}
	}
	return nil
}
