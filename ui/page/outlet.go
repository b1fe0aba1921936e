package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qingyang/workflow"
)

// Outlet is a channel in the drafting form.
type Outlet struct {
	ID, Name, Kind, Size   string
	On, Halted, Own, Strip bool
	From, Until, EndHint   string
	Text                   string
	Limit, Wide, Dots      int // most characters; Chinese characters that one screen shows at once; its width
	FitLine                string
	Plan                   string // window, and whether it has words of its own
	Open                   bool   // something differs from what goes without saying
	Over                   bool
	Fault                  string
}

// outlets are all channels, those of the content ticked.
func (l *lens) outlets(e Edit) []Outlet {
	var out []Outlet
	for _, ch := range l.setup.Channels {
		o := Outlet{
			ID: ch.ID, Name: l.channelName(ch), Kind: l.ChannelKind(ch.Kind), Halted: ch.State == workflow.ChannelHalted,
			Own: ch.Kind != workflow.Portal, Strip: ch.Kind == workflow.LED, EndHint: l.t("不填即 30 天"), Limit: workflow.MaxText,
			Fault: e.Faults["channel:"+ch.ID],
		}
		if ch.Kind == workflow.Portal {
			o.EndHint = l.t("不填即长期")
		}
		if ch.Width > 0 {
			o.Size = fmt.Sprintf("%d × %d", ch.Width, ch.Height)
		}
		if o.Strip {
			o.Limit, o.Wide, o.Dots = workflow.MaxStrip, cells(ch), ch.Width
		}
		i := slices.IndexFunc(e.Content.Channels, func(w workflow.Window) bool { return w.ID == ch.ID })
		if i >= 0 {
			w := e.Content.Channels[i]
			o.On, o.Text, o.From, o.Until = true, w.Text, local(w.From), local(w.Until)
		}
		o.FitLine, o.Over = l.fit(o, e.Content.Title)
		o.Plan, o.Open = l.plan(o, ch), o.From+o.Until+o.Fault != "" || o.Text != "" && !o.Strip
		out = append(out, o)
	}
	return out
}

// plan says what holds as long as nothing else is chosen.
func (l *lens) plan(o Outlet, ch workflow.Channel) string {
	switch {
	case ch.Kind == workflow.Portal:
		return l.t("发布时起，长期")
	case o.Strip:
		return l.t("发布时起 30 天")
	}
	return l.t("发布时起 30 天，用正文")
}

// stripSpeed is how many dots a strip runs in a second: the longest text takes about 75 seconds on 640 dots.
const stripSpeed = 85

// cells is how many Chinese characters a strip shows at once: its letters are sixteen dots high and twelve wide, enlarged by
// a whole number.
func cells(ch workflow.Channel) int {
	return ch.Width / (12 * max(1, ch.Height/16))
}

// fit says how the text of a channel fits: characters counted as people count them, and whether a strip must scroll.
func (l *lens) fit(o Outlet, title string) (string, bool) {
	text := strings.TrimSpace(o.Text)
	if o.Strip && text == "" {
		text = strings.TrimSpace(title)
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n > o.Limit:
		return l.t("{0} 字，超出 {1} 字，请缩短", n, n-o.Limit), true
	case !o.Strip || o.Wide == 0:
		return l.t("{0} / {1} 字", n, o.Limit), false
	}
	if screens := (wide(text) + 2*o.Wide - 1) / (2 * o.Wide); screens > 1 {
		seconds := ((screens+1)*o.Dots + stripSpeed - 1) / stripSpeed
		return l.t("{0} / {1} 字", n, o.Limit) + l.t("，一屏显示 {0} 个汉字，要滚动：约 {1} 屏，一遍 {2} 秒", o.Wide, screens, seconds), false
	}
	return l.t("{0} / {1} 字 · 一屏显示得下", n, o.Limit), false
}

// wide counts half characters: Latin letters and digits take one, everything else two.
func wide(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2000 {
			n++
		}
	}
	return n
}

func local(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(zone).Format(clock)
}
