package page

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"qingyang/review"
	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Importing is the page on which a list of terms is read, shown and proposed.
type Importing struct {
	Frame
	Levels, Kinds             []Option
	Category, Level           string
	Read                      bool
	Name, Stored              string
	Added, Changed, Let, Same int
	Changes                   []Changed
	More                      int
	Faults                    []LineFault
	MoreFaults                int
	Outlook                   *Outlook
	Reason                    string
}

// LineFault is what is wrong with a line of a list; line 0 is the list as a whole.
type LineFault struct {
	Line  int
	Texts []string
}

const shownRows = 50 // of a list, changes and faults each

func (p *Pages) importing(c *gate.Call) error {
	return p.importPage(c, http.StatusOK, workflow.Import{}, workflow.Term{}, nil)
}

func (p *Pages) importPage(c *gate.Call, status int, im workflow.Import, given workflow.Term, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "导入词条"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	d := Importing{
		Frame: f, Category: given.Category, Kinds: l.kinds(given.Category), Level: string(given.Level), Levels: l.termForm(workflow.LibraryChange{Term: given}, "", "").Levels,
		Read: im.Stored != "", Name: im.Name, Stored: im.Stored, Added: im.Added, Changed: im.Changed, Let: im.Let, Same: im.Same,
		More: max(0, len(im.Changes)-shownRows), MoreFaults: max(0, len(im.Faults)-shownRows), Reason: c.FormValue("reason"),
	}
	for _, x := range im.Changes[:min(len(im.Changes), shownRows)] {
		d.Changes = append(d.Changes, l.changed(x))
	}
	for _, x := range im.Faults[:min(len(im.Faults), shownRows)] {
		d.Faults = append(d.Faults, LineFault{x.Line, told(l.Book, x.Reasons)})
	}
	if d.Read && len(im.Faults) == 0 {
		d.Outlook = l.outlook(&im.Outlook)
	}
	return p.show(c, status, "import", d)
}

func givenTerm(f url.Values) workflow.Term {
	return workflow.Term{Category: strings.TrimSpace(f.Get("category")), Level: review.Level(f.Get("level"))}
}

// readTerms reads a list and shows what it would change.
func (p *Pages) readTerms(c *gate.Call) error {
	file, f, done, err := c.Upload("category", "level")
	if err != nil {
		return err
	}
	defer done()
	if file == nil {
		return p.importFault(c, givenTerm(f), gate.Invalid("missing", "file"))
	}
	r, err := file.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	im, err := p.Desk.Import(c.Request().Context(), c.Actor, file.Filename, io.Reader(r), givenTerm(f))
	if err != nil {
		return p.importFault(c, givenTerm(f), err)
	}
	return p.importPage(c, http.StatusOK, im, givenTerm(f), nil)
}

func (p *Pages) importFault(c *gate.Call, given workflow.Term, err error) error {
	status, code, rs, _ := gate.Answer(err)
	if status >= http.StatusInternalServerError || errors.Is(err, workflow.ErrMissing) {
		return err
	}
	return p.importPage(c, status, workflow.Import{}, given, &Note{Kind: "bad", Text: c.Words.Error(code), Reasons: told(c.Words, rs)})
}

// proposeTerms proposes the list that was read and shown.
func (p *Pages) proposeTerms(c *gate.Call) error {
	f, err := c.Form("category", "level", "name", "stored", "reason")
	if err != nil {
		return err
	}
	_, err = p.Desk.Adopt(c.Request().Context(), c.Actor, f.Get("name"), f.Get("stored"), givenTerm(f), f.Get("reason"))
	if err != nil {
		return p.importFault(c, givenTerm(f), err)
	}
	return see(c, "/terms/proposals?ok=proposed")
}
