package workflow

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How passages are kept back: 遮盖, 删去. Either way the public sees that there was something.
const (
	Mask   = "mask"
	Remove = "remove"
)

// Modes lists them.
var Modes = []string{Mask, Remove}

// marks stand where passages were.
var marks = map[string]string{Mask: "【此处依法遮盖】", Remove: "【此处依法删去】"}

const maxPassages = 20

// texts returns the texts of c that people write, bodies as they are written and as they are read.
func (c Content) texts() []string {
	ts := []string{c.Title, c.BodyHTML, html.UnescapeString(c.BodyHTML), c.Summary, c.Source}
	for _, w := range c.Channels {
		ts = append(ts, w.Text)
	}
	return ts
}

// says reports whether any text of c has s.
func (c Content) says(s string) bool {
	return slices.ContainsFunc(c.texts(), func(t string) bool { return strings.Contains(t, s) })
}

// letters is what of s makes it this passage and no other: signs, spaces and what shows nothing do not.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// untagged is the text of a body, whose elements have been cleaned when it was stored.
func untagged(body string) string {
	var b strings.Builder
	for body != "" {
		text, rest, _ := strings.Cut(body, "<")
		b.WriteString(text)
		_, body, _ = strings.Cut(rest, ">")
	}
	return html.UnescapeString(b.String())
}

// shows reports whether people who read any text of c read s in it, however it is set.
func (c Content) shows(s string) bool {
	s = letters(s)
	return s != "" && slices.ContainsFunc(append(c.texts(), untagged(c.BodyHTML)), func(t string) bool { return strings.Contains(letters(t), s) })
}

// without returns c with a mark of mode in place of each passage.
func (c Content) without(passages []string, mode string) Content {
	c.Channels = slices.Clone(c.Channels)
	mark := marks[mode]
	for _, p := range passages {
		cut := func(s *string) {
			*s = strings.ReplaceAll(strings.ReplaceAll(*s, p, mark), html.EscapeString(p), mark)
		}
		for _, s := range []*string{&c.Title, &c.BodyHTML, &c.Summary, &c.Source} {
			cut(s)
		}
		for i := range c.Channels {
			cut(&c.Channels[i].Text)
		}
	}
	return c
}

// passagesThere wants passages that the text really has, each of two characters at least, and that are gone once they are cut: one
// that formatting splits somewhere would stay there.
func passagesThere(in input) []Reason {
	ps := in.m.Terms.Passages
	rs := why(slices.Contains(Modes, in.m.Terms.Mode), "mode_unknown")
	if len(ps) == 0 || len(ps) > maxPassages {
		return append(rs, Reason{Code: "passages_count", Field: "passages", Args: []string{strconv.Itoa(maxPassages)}})
	}
	left := in.c.Revision.Content.without(ps, in.m.Terms.Mode)
	for _, p := range ps {
		switch {
		case utf8.RuneCountInString(letters(p)) < 2 || !in.c.Revision.Content.says(p):
			rs = append(rs, Reason{Code: "passage_missing", Field: "passages", Args: []string{p}})
		case left.shows(p):
			rs = append(rs, Reason{Code: "passage_split", Field: "passages", Args: []string{p}})
		}
	}
	return rs
}

// twin has a draft made of c's text without the passages, marked where they were. Files stay with the parent: nobody can say
// what they hold. The full text is for its own parties, as before; who wrote it is an author of the twin.
func twin(in input, ch *Change) {
	text := in.c.Revision.Content.without(in.m.Terms.Passages, in.m.Terms.Mode)
	text.SelfCheck, text.Class = SelfCheck{}, in.c.Item.Class
	for i := range text.Channels {
		text.Channels[i].From = nil
	}
	child(in, ch, Redacted, text)
	ch.Child.Revision.Attachments = nil
	ch.Item.Covered = append(slices.Clone(in.c.Item.Covered), in.m.Terms.Passages...)
}

// covered keeps a twin from saying again what was kept back, whoever edits it.
func covered(in input) []Reason {
	p, ok := in.c.parent()
	if !ok || in.c.Item.Kin != Redacted {
		return nil
	}
	for i, s := range p.Covered {
		if in.c.Revision.Content.shows(s) {
			return why(false, "passage_back", strconv.Itoa(i+1))
		}
	}
	return nil
}
