package workflow

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"qingyang/review"
)

// MaxTermFile is the most bytes of a list of terms.
const MaxTermFile = 64 << 20

// TermLine is one line of a list of terms: a term, or an allow phrase, and what could not be read of it.
type TermLine struct {
	Line   int
	Term   Term
	Allow  bool
	Faults []Reason
}

// Import is what a list of terms would change. Stored names the list, for Adopt to read the same again.
type Import struct {
	Name, Stored        string
	Changes             []LibraryChange
	Lines               []int        // of the list, by change
	Same                int          // lines that are in the library already as they are
	Faults              []LineFaults // nothing is taken in while there are any
	Outlook             Outlook
	Added, Changed, Let int // terms, terms, allow phrases
}

// LineFaults are the reasons against one line of a list.
type LineFaults struct {
	Line    int
	Reasons []Reason
}

// Import reads a list of terms, txt, csv or xlsx, and says what it would change; nothing is taken in. What a line leaves out
// is as in given. *InvalidError if the list can't be read at all.
func (d *Desk) Import(ctx context.Context, a Actor, name string, r io.Reader, given Term) (Import, error) {
	if err := d.keeper(a, Keepers); err != nil {
		return Import{}, fmt.Errorf("import terms: %w", err)
	}
	sha, _, err := d.Blobs.Put(ctx, r, MaxTermFile)
	if err != nil {
		return Import{}, fmt.Errorf("import terms: %w", err)
	}
	return d.imported(ctx, a, name, sha, given)
}

func (d *Desk) imported(ctx context.Context, a Actor, name, sha string, given Term) (Import, error) {
	f, err := d.Blobs.Open(ctx, sha)
	if err != nil {
		return Import{}, fmt.Errorf("import terms: %w", err)
	}
	defer f.Close()
	lines, err := d.Lexicon.Read(name, f, MaxTermFile)
	if err != nil {
		return Import{}, fmt.Errorf("import terms: %w", err)
	}
	im := Import{Name: name, Stored: sha}
	house := d.library.Load()
	for _, l := range lines {
		im.take(l, given, house)
	}
	if len(im.Changes) == 0 && len(im.Faults) == 0 && im.Same == 0 {
		im.Faults = []LineFaults{{Line: 1, Reasons: []Reason{{Code: "changes_missing"}}}}
	}
	if len(im.Changes) == 0 {
		return im, nil
	}
	if im.Outlook, err = d.Foresee(ctx, a, im.Changes); err != nil {
		return Import{}, err
	}
	im.number()
	return im, nil
}

// take adds what a line changes.
func (im *Import) take(l TermLine, given Term, house *Library) {
	if len(l.Faults) > 0 {
		im.Faults = append(im.Faults, LineFaults{l.Line, l.Faults})
		return
	}
	t := l.Term.normal()
	if t.Category == "" {
		t.Category = given.Category
	}
	if t.Level == "" {
		t.Level = given.Level
	}
	if t.Level == "" {
		t.Level = review.Ask
	}
	c := LibraryChange{Op: AddTerm, Term: t}
	now, there := house.Term(t.Text)
	switch {
	case l.Allow && house.allow[t.Text], !l.Allow && there && now.same(t):
		im.Same++
		return
	case l.Allow:
		c = LibraryChange{Op: Allow, Term: Term{Text: t.Text}}
		im.Let++
	case there:
		c.Op, c.Was = ChangeTerm, &now
		im.Changed++
	default:
		im.Added++
	}
	im.Changes, im.Lines = append(im.Changes, c), append(im.Lines, l.Line)
}

// number leads the reasons against the changes back to the lines of the list.
func (im *Import) number() {
	for _, r := range im.Outlook.Reasons {
		line := 0
		var i int
		if n, err := fmt.Sscanf(r.Field, "changes[%d]", &i); n == 1 && err == nil {
			line = im.Lines[i]
		}
		r.Field = ""
		if r.Code == "term_twice" {
			if first, err := strconv.Atoi(r.Args[1]); err == nil {
				r.Args = []string{r.Args[0], strconv.Itoa(im.Lines[first-1])}
			}
		}
		at := slices.IndexFunc(im.Faults, func(f LineFaults) bool { return f.Line == line })
		if at < 0 {
			im.Faults = append(im.Faults, LineFaults{Line: line})
			at = len(im.Faults) - 1
		}
		im.Faults[at].Reasons = append(im.Faults[at].Reasons, r)
	}
	im.Outlook.Reasons = nil
	slices.SortStableFunc(im.Faults, func(x, y LineFaults) int { return x.Line - y.Line })
}

// Adopt proposes what a list that Import stored changes, whole or not at all.
func (d *Desk) Adopt(ctx context.Context, a Actor, name, stored string, given Term, reason string) (Proposal, error) {
	if err := d.keeper(a, Keepers); err != nil {
		return Proposal{}, fmt.Errorf("import terms: %w", err)
	}
	im, err := d.imported(ctx, a, name, stored, given)
	if err != nil {
		return Proposal{}, err
	}
	var rs []Reason
	for _, f := range im.Faults {
		rs = append(rs, f.Reasons...)
	}
	if len(rs) > 0 {
		return Proposal{}, &InvalidError{Reasons: rs}
	}
	return d.Propose(ctx, a, im.Changes, reason)
}
