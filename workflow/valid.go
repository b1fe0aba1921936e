package workflow

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// checked returns c with its defaults, or an *InvalidError with every fault of the form.
func checked(c Content, s Setup) (Content, error) {
	if c.Column == "" {
		c.Column = "notice"
	}
	if c.Class == "" {
		c.Class = Ordinary
	}
	if c.Urgency == "" {
		c.Urgency = Normal
	}
	c.Title = strings.TrimSpace(c.Title)
	f := faults{}
	f.texts(c)
	f.oneOf("class", string(c.Class), string(Ordinary), string(Important))
	f.oneOf("urgency", string(c.Urgency), string(Normal), string(Urgent), string(Critical))
	f.oneOf("disclosure.kind", c.Disclosure.Kind, "active", "on_request", "none")
	if !slices.ContainsFunc(s.Columns, func(x Column) bool { return x.ID == c.Column }) {
		f.add("column_unknown", "column", c.Column)
	}
	c.Channels = f.windows(c.Channels, s)
	if len(f.rs) > 0 {
		return c, &InvalidError{Reasons: f.rs}
	}
	return c, nil
}

type faults struct{ rs []Reason }

func (f *faults) add(code, field string, args ...string) {
	f.rs = append(f.rs, Reason{Code: code, Field: field, Args: args})
}

func (f *faults) texts(c Content) {
	if c.Title == "" {
		f.add("title_missing", "title")
	}
	if strings.TrimSpace(c.BodyHTML) == "" {
		f.add("body_missing", "body_html")
	}
	f.atMost("title", c.Title, MaxTitle)
	f.atMost("summary", c.Summary, MaxSummary)
	f.atMost("source", c.Source, MaxSource)
	f.atMost("letter_no", c.LetterNo, MaxSource)
	f.atMost("disclosure.ground", c.Disclosure.Ground, MaxSummary)
	if len(c.BodyHTML) > MaxBody {
		f.add("too_long", "body_html", strconv.Itoa(MaxBody>>10)+" kB")
	}
	if !clean(c.Title) {
		f.add("unknown_value", "title")
	}
}

func (f *faults) atMost(field, s string, limit int) {
	if utf8.RuneCountInString(s) > limit {
		f.add("too_long", field, strconv.Itoa(limit))
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		f.add("unknown_value", field)
	}
}

// clean reports whether s has no control characters: a title is one line.
func clean(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) || turning(r) }) < 0
}

// turning reports whether r turns the order of the letters after it round, so that people read what no check did.
func turning(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// sane reports whether a time can be meant: nothing is shown in another century.
func sane(t *time.Time) bool { return t == nil || t.Year() >= 2000 && t.Year() < 2100 }

func (f *faults) oneOf(field, s string, allowed ...string) {
	if !slices.Contains(allowed, s) {
		f.add("unknown_value", field, strings.Join(allowed, ", "))
	}
}

func (f *faults) windows(ws []Window, s Setup) []Window {
	if len(ws) == 0 {
		f.add("channels_missing", "channels")
	}
	var out []Window
	for i, w := range ws {
		field := "channels[" + strconv.Itoa(i) + "]"
		ch, ok := s.channel(w.ID)
		if !ok || slices.ContainsFunc(out, func(o Window) bool { return o.ID == w.ID }) {
			f.add("channel_unknown", field+".id", w.ID)
		}
		w.From, w.Until = utc(w.From), utc(w.Until)
		if !sane(w.From) || !sane(w.Until) {
			f.add("unknown_value", field, w.ID)
			continue
		}
		if w.From != nil && w.Until != nil && !w.Until.After(*w.From) {
			f.add("until_before_from", field+".until", w.ID)
		}
		f.channelText(w, ch, field+".text")
		out = append(out, w)
	}
	return out
}

// channelText holds the text of one channel to what the channel can show.
func (f *faults) channelText(w Window, ch Channel, field string) {
	limit := MaxText
	if ch.Kind == LED {
		limit = MaxStrip
	}
	if utf8.RuneCountInString(w.Text) > limit {
		f.add("text_too_long", field, w.ID, strconv.Itoa(limit))
	}
	if !utf8.ValidString(w.Text) || ch.Kind == LED && !clean(w.Text) {
		f.add("unknown_value", field)
	}
}

// MaxStrip is how many characters an LED strip shows in one round.
const MaxStrip = 120

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Microsecond)
	return &u
}

// fileName returns the last part of a name that a browser sent, or an *InvalidError.
func fileName(s string) (string, error) {
	s = path.Base(strings.ReplaceAll(strings.TrimSpace(s), `\`, "/"))
	switch {
	case s == "." || s == "/" || s == ".." || !clean(s) || !utf8.ValidString(s):
		return "", &InvalidError{Reasons: []Reason{{Code: "unknown_value", Field: "file"}}}
	case utf8.RuneCountInString(s) > MaxFileName:
		return "", &InvalidError{Reasons: []Reason{{Code: "too_long", Field: "file", Args: []string{strconv.Itoa(MaxFileName)}}}}
	}
	return s, nil
}
