package page

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// draftFields are the names of the drafting form.
var draftFields = []string{
	"version", "digest", "template", "do", "title", "body_html", "summary", "source", "letter_no", "standby", "ground", "disclosure", "column",
	"class", "urgency", "channel+", "self_check+", "from.*", "until.*", "text.*", "contest.*", "blank.*",
}

// clock is how a browser writes a day and time without zone.
const clock = "2006-01-02T15:04"

// draft is what the drafting form held.
type draft struct {
	content workflow.Content
	version int64
	do      string // save or submit
	form    url.Values
	saved   bool // it stands in the item already, and only submitting it was refused
}

// readDraft reads the drafting form. A time that is none is refused by the Desk's rules as far as they go: it is an
// *InvalidError here, with the content read so far.
func readDraft(c *gate.Call) (draft, error) {
	f, err := c.Form(draftFields...)
	if err != nil {
		return draft{}, err
	}
	d := draft{form: f, do: f.Get("do")}
	if v := f.Get("version"); v != "" {
		if d.version, err = versionOf(v); err != nil {
			return draft{}, err
		}
	}
	check := f["self_check"]
	d.content = workflow.Content{
		Title: strings.TrimSpace(f.Get("title")), BodyHTML: paragraphs(f.Get("body_html")), Summary: f.Get("summary"), Source: f.Get("source"),
		LetterNo: f.Get("letter_no"), Standby: f.Get("standby") == "yes", Column: f.Get("column"),
		Disclosure: workflow.Disclosure{Kind: f.Get("disclosure"), Ground: f.Get("ground")},
		Class:      workflow.Class(f.Get("class")), Urgency: workflow.Urgency(f.Get("urgency")),
		SelfCheck: workflow.SelfCheck{
			NoSecret: slices.Contains(check, "no_secret"), NoSensitive: slices.Contains(check, "no_sensitive"),
			PrivacyMasked: slices.Contains(check, "privacy_masked"), ThirdParty: slices.Contains(check, "third_party"),
			Accurate: slices.Contains(check, "accurate"),
		},
	}
	d.content.Channels, err = windows(f)
	return d, err
}

// windows reads the channels that are ticked.
func windows(f url.Values) ([]workflow.Window, error) {
	var out []workflow.Window
	var bad []workflow.Reason
	for _, id := range f["channel"] {
		w := workflow.Window{ID: id, Text: strings.TrimSpace(strings.ReplaceAll(f.Get("text."+id), "\r\n", "\n"))}
		for key, to := range map[string]**time.Time{"from.": &w.From, "until.": &w.Until} {
			s := f.Get(key + id)
			if s == "" {
				continue
			}
			t, err := time.ParseInLocation(clock, s, zone)
			if err != nil {
				bad = append(bad, workflow.Reason{Code: "wrong_type", Field: strings.TrimSuffix(key, "."), Args: []string{id}})
				continue
			}
			t = t.UTC()
			*to = &t
		}
		out = append(out, w)
	}
	if len(bad) > 0 {
		return out, &workflow.InvalidError{Reasons: bad}
	}
	return out, nil
}

// paragraphs makes HTML of what was typed into the plain field without tags: one paragraph a line.
func paragraphs(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.Contains(s, "<") || strings.TrimSpace(s) == "" {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.Trim(line, " \t\n　"); line != "" {
			b.WriteString("<p>" + html.EscapeString(html.UnescapeString(line)) + "</p>\n")
		}
	}
	return b.String()
}

// same reports whether two contents say the same, whatever order their form had.
func same(a, b workflow.Content) bool {
	for _, c := range []*workflow.Content{&a, &b} {
		c.Channels = slices.Clone(c.Channels)
		slices.SortFunc(c.Channels, func(x, y workflow.Window) int { return strings.Compare(x.ID, y.ID) })
		c.BodyHTML = strings.TrimSpace(c.BodyHTML)
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// filled writes the template's texts with the blanks that were filled in; a blank still empty is named in brackets.
func (l *lens) filled(t workflow.Template, f url.Values) workflow.Content {
	plain, escaped := make([]string, 0, 2*len(t.Fields)), make([]string, 0, 2*len(t.Fields))
	for _, x := range t.Fields {
		v := spoken(x.Kind, f.Get("blank."+x.ID))
		switch {
		case v == "" && x.Required:
			v = "【" + x.Label + "】"
		case v == "": // what may be left out goes with its full stop
			plain, escaped = append(plain, "{{."+x.ID+"}}。", ""), append(escaped, "{{."+x.ID+"}}。", "")
		}
		plain = append(plain, "{{."+x.ID+"}}", v)
		escaped = append(escaped, "{{."+x.ID+"}}", html.EscapeString(v))
	}
	text, body := strings.NewReplacer(plain...), strings.NewReplacer(escaped...)
	c := workflow.Content{
		Title: text.Replace(t.Title), BodyHTML: body.Replace(t.Body), Summary: text.Replace(t.Summary), Column: t.Column,
		Disclosure: workflow.Disclosure{Kind: "active"}, Class: workflow.Ordinary, Urgency: workflow.Normal,
	}
	for _, id := range t.Channels {
		w := workflow.Window{ID: id}
		if l.channelOf(id).Kind == workflow.LED {
			w.Text = text.Replace(t.Strip)
		}
		c.Channels = append(c.Channels, w)
	}
	return c
}

// spoken writes a value as a notice does: 2027-01-01 as 2027年1月1日, 09:00 as 9:00.
func spoken(kind, v string) string {
	v = strings.TrimSpace(v)
	switch kind {
	case "date":
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return t.Format("2006年1月2日")
		}
	case "time":
		return strings.TrimPrefix(v, "0")
	}
	return v
}

// unfilled names the blanks of the house's templates that still stand in brackets in a text.
func (l *lens) unfilled(c workflow.Content) []string {
	all := []string{c.Title, html.UnescapeString(c.BodyHTML), c.Summary}
	for _, w := range c.Channels {
		all = append(all, w.Text)
	}
	text := strings.Join(all, "\n")
	var out []string
	for _, t := range l.setup.Templates {
		for _, x := range t.Fields {
			if strings.Contains(text, "【"+x.Label+"】") && !slices.Contains(out, x.Label) {
				out = append(out, x.Label)
			}
		}
	}
	return out
}

func (l *lens) template(id string) (workflow.Template, bool) {
	i := slices.IndexFunc(l.setup.Templates, func(t workflow.Template) bool { return t.ID == id })
	if i < 0 {
		return workflow.Template{}, false
	}
	return l.setup.Templates[i], true
}
