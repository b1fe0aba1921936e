package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// zone is the only time of day in the country.
var zone = time.FixedZone("CST", 8*3600)

// lens puts what the Desk says into the words, names and times that one person reads.
type lens struct {
	words.Book
	setup workflow.Setup
	now   time.Time
	a     workflow.Actor
	// halted has the channels that show their maintenance page now, where a page asked for them.
	halted map[string]bool
}

func (p *Pages) lens(c *gate.Call) (*lens, error) {
	s, err := p.Desk.Setup(c.Request().Context())
	if err != nil {
		return nil, err
	}
	return &lens{Book: c.Words, setup: s, now: p.Now(), a: c.Actor}, nil
}

// askHalted finds out which channels are halted: what was put there is not shown, whatever its delivery says.
func (p *Pages) askHalted(c *gate.Call, l *lens) error {
	chans, err := p.Desk.Channels(c.Request().Context(), c.Actor)
	if err != nil {
		return err
	}
	l.halted = map[string]bool{}
	for _, ch := range chans {
		l.halted[ch.ID] = ch.State == workflow.ChannelHalted
	}
	return nil
}

func (l *lens) t(zh string, args ...any) string { return tr(l.Book, zh, args...) }

func (l *lens) either(zh, en string) string {
	if en == "" {
		en = zh
	}
	return l.Say(words.Pair{Zh: zh, En: en})
}

func (l *lens) houseName() string { return l.either(l.setup.House, l.setup.HouseEn) }

func (l *lens) unit(id string) string {
	for _, u := range l.setup.Units {
		if u.ID == id {
			return l.either(u.Name, u.NameEn)
		}
	}
	return id
}

func (l *lens) channelOf(id string) workflow.Channel {
	for _, c := range l.setup.Channels {
		if c.ID == id {
			return c
		}
	}
	return workflow.Channel{ID: id, Name: id}
}

func (l *lens) channel(id string) string { return l.channelName(l.channelOf(id)) }

func (l *lens) channelName(c workflow.Channel) string { return l.either(c.Name, c.NameEn) }

func (l *lens) channels(ws []workflow.Window) string {
	var out []string
	for _, w := range ws {
		out = append(out, l.channel(w.ID))
	}
	return strings.Join(out, l.t("、"))
}

func (l *lens) column(id string) string {
	for _, c := range l.setup.Columns {
		if c.ID == id {
			return l.either(c.Name, c.NameEn)
		}
	}
	return id
}

// post is a person's unit and first role.
func (l *lens) post(a workflow.Actor) string {
	var out []string
	if u := l.unit(a.Unit); u != "" {
		out = append(out, u)
	}
	if rs := a.Roles(); len(rs) > 0 {
		out = append(out, l.Role(rs[0]))
	}
	return strings.Join(out, " · ")
}

// no is how an item is called: by its register number once it has one.
func (l *lens) no(it workflow.Item) string {
	if it.Number != "" {
		return it.Number
	}
	return l.t("稿 {0}", it.ID)
}

// when is a time of day as people write it; the year only if it is another.
func (l *lens) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	if t.Year() != l.now.In(zone).Year() {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("01-02 15:04")
}

func (l *lens) exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// due is a deadline in words, and whether it is over.
func (l *lens) due(t time.Time) (string, bool) {
	if t.IsZero() {
		return "", false
	}
	if left := t.Sub(l.now); left < 0 {
		return l.t("已超时 {0}", l.span(-left)), true
	}
	day := func(t time.Time) string { return t.In(zone).Format("2006-01-02") }
	switch clock := t.In(zone).Format("15:04"); day(t) {
	case day(l.now):
		return l.t("今天 {0} 前", clock), false
	case day(l.now.AddDate(0, 0, 1)):
		return l.t("明天 {0} 前", clock), false
	}
	return l.t("{0} 前", l.when(t)), false
}

// span is how long something took, in its largest two units.
func (l *lens) span(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0 && hours > 0 && days < 7:
		return l.t("{0} 天 {1} 小时", days, hours)
	case days > 0:
		return l.t("{0} 天", days)
	case hours > 0:
		return l.t("{0} 小时 {1} 分", hours, minutes)
	}
	if minutes == 0 {
		return l.t("不到 1 分")
	}
	return l.t("{0} 分", minutes)
}

// seconds is a span that people hold against ten seconds.
func (l *lens) seconds(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return l.span(d)
	case d < 100*time.Millisecond:
		return l.t("不到 0.1 秒")
	}
	return l.t("{0} 秒", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
}

// window is from when until when a channel shows an item.
func (l *lens) window(w workflow.Window) string {
	from, until := l.t("发布时起"), l.t("长期")
	if w.From != nil {
		from = l.when(*w.From)
	}
	if w.Until != nil {
		until = l.when(*w.Until)
	} else if l.channelOf(w.ID).Kind != workflow.Portal {
		until = l.t("30 天")
	}
	return from + " — " + until
}

// tone is the colour of a state: it stands beside the word, never alone.
func tone(s workflow.State) string {
	switch s {
	case workflow.Published, workflow.Scheduled, workflow.Registered, workflow.Approved:
		return "good"
	case workflow.Returned, workflow.Suspended, workflow.Rejected, workflow.Denied, workflow.Referred, workflow.Sealed:
		return "bad"
	case workflow.Draft, workflow.Cancelled, workflow.Withdrawn, workflow.Superseded, workflow.Expired, workflow.Disposed:
		return ""
	case workflow.Scanning, workflow.UnitCheck, workflow.SecrecyReview, workflow.Countersign, workflow.LeaderApproval, workflow.ChiefApproval:
		return "now"
	}
	return ""
}

// holder says who is waited for.
func (l *lens) holder(r workflow.Row) string {
	if k := r.Claimed(l.now); k != nil {
		return k.Name
	}
	var out []string
	for _, k := range r.Waits {
		name := l.waited(k, r)
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, l.t("、"))
}

func (l *lens) waited(key string, r workflow.Row) string {
	kind, scope, _ := strings.Cut(key, ":")
	switch kind {
	case "person":
		if scope != r.Author {
			return l.Role(workflow.Countersigner)
		}
		return r.AuthorName
	case "head":
		return l.Role(workflow.UnitHead)
	case "lead":
		return l.Role(workflow.Leader)
	case "pub":
		return l.Role(workflow.Publisher)
	}
	if scope != "" {
		return scope
	}
	return l.Role(workflow.Role(kind))
}

// bytesOf is a file's size.
func bytesOf(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KB", (n+1<<9)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
