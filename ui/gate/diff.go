package gate

import (
	"strings"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Difference compares two revisions part by part. The body is always there, whole; other parts only where they differ.
// Parts are named as findings name them: title, body, summary, source, disclosure, channel:led …, attachments.
func Difference(old, new workflow.Revision) []compare.Section {
	var out []compare.Section
	a, b := parts(old), parts(new)
	for _, p := range names(a, b) {
		s := compare.Section{Part: p, Ops: compare.Sentences(a.text[p], b.text[p])}
		if p == "body" || s.Differs() {
			out = append(out, s)
		}
	}
	return out
}

// document is a revision as plain texts by part, with the order of the parts.
type document struct {
	order []string
	text  map[string]string
}

func (d *document) put(part, text string) {
	d.order = append(d.order, part)
	d.text[part] = text
}

func parts(r workflow.Revision) document {
	c := r.Content
	d := document{text: map[string]string{}}
	d.put("title", c.Title)
	d.put("body", compare.Text(c.BodyHTML))
	d.put("summary", c.Summary)
	d.put("source", c.Source)
	d.put("disclosure", strings.TrimSpace(c.Disclosure.Kind+" "+c.Disclosure.Ground))
	d.put("column", c.Column)
	d.put("class", string(c.Class))
	d.put("letter_no", c.LetterNo)
	for _, w := range c.Channels {
		d.put("channel:"+w.ID, strings.Join([]string{window(w), w.Text}, "\n"))
	}
	var files []string
	for _, a := range r.Attachments {
		files = append(files, a.Name+" "+a.SHA256)
	}
	d.put("attachments", strings.Join(files, "\n"))
	return d
}

// window writes the times of w, … for an open end.
func window(w workflow.Window) string { return stamp(w.From) + " – " + stamp(w.Until) }

func stamp(t *time.Time) string {
	if t == nil {
		return "…"
	}
	return t.UTC().Format(time.RFC3339)
}

// names returns the parts of both, those of b in place and then what only a has.
func names(a, b document) []string {
	out := b.order
	for _, p := range a.order {
		if _, ok := b.text[p]; !ok {
			out = append(out, p)
		}
	}
	return out
}
