package page

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// File is one attachment in a list.
type File struct{ ID, Name, Size, SHA, Scan, Tone string }

// Files is the list of attachments; Editor may remove them.
type Files struct {
	ID      workflow.ItemID
	Version int64
	CSRF    string
	Editor  bool
	List    []File
}

// Attached is the page of an item's files.
type Attached struct {
	Frame
	Head
	Files    Files
	Findings []Finding
}

var scanTone = map[string]string{"clean": "good", "off": "warn", "waiting": "now", "infected": "bad"}

func (l *lens) files(v *workflow.View) []File {
	var out []File
	for _, a := range v.Revision.Attachments {
		scan := a.Scan
		if scan == "waiting" && l.setup.Antivirus == "off" {
			scan = "off" // it waits for nothing
		}
		out = append(out, File{a.ID, a.Name, bytesOf(a.Size), a.SHA256, l.Antivirus(scan), scanTone[scan]})
	}
	return out
}

func (p *Pages) files(c *gate.Call) error {
	v, err := p.viewed(c)
	if err != nil {
		return err
	}
	return p.filesPage(c, http.StatusOK, v, nil)
}

func (p *Pages) filesPage(c *gate.Call, status int, v *workflow.View, n *Note) error {
	f, l, err := p.frame(c, tr(c.Words, "附件"))
	if err != nil {
		return err
	}
	if n != nil {
		f.Note = n
	}
	d := Attached{Frame: f, Head: l.head(v, "files")}
	d.Files = Files{ID: v.Item.ID, Version: v.Item.Version, CSRF: f.CSRF, Editor: v.Editor, List: l.files(v)}
	fs := ordered(v.Findings)
	for i, x := range l.findings(fs, v, f.CSRF, nil, typed{}) {
		if part := fs[i].Part; partOrder(part) == 2 && !strings.HasPrefix(part, "channel:") {
			x.Judge = false
			d.Findings = append(d.Findings, x)
		}
	}
	return p.show(c, status, "files", d)
}

// attach takes one file. A script gets the list and the new version back.
func (p *Pages) attach(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	file, f, done, err := c.Upload("version")
	if err != nil {
		return err
	}
	defer done()
	version, err := versionOf(f.Get("version"))
	if err != nil {
		return err
	}
	if file == nil {
		return gate.Invalid("missing", "file")
	}
	r, err := file.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, v, err := p.Desk.Attach(c.Request().Context(), c.Actor, id, version, file.Filename, r)
	return p.refiled(c, id, v, "file", err)
}

func (p *Pages) detach(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	f, err := c.Form("version")
	if err != nil {
		return err
	}
	version, err := versionOf(f.Get("version"))
	if err != nil {
		return err
	}
	v, err := p.Desk.Detach(c.Request().Context(), c.Actor, id, version, c.Param("file"))
	return p.refiled(c, id, v, "nofile", err)
}

// refiled answers after the files changed or did not.
func (p *Pages) refiled(c *gate.Call, id workflow.ItemID, v *workflow.View, ok string, err error) error {
	switch {
	case err != nil && partial(c):
		return err
	case err != nil:
		return p.notFiled(c, id, err)
	case !partial(c):
		return see(c, fmt.Sprintf("/items/%d/edit?ok=%s", id, ok))
	}
	l, err := p.lens(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("X-Version", itoa(v.Item.Version))
	return p.show(c, http.StatusOK, "filelist", Files{ID: id, Version: v.Item.Version, CSRF: c.Session.CSRF, Editor: true, List: l.files(v)})
}

func (p *Pages) notFiled(c *gate.Call, id workflow.ItemID, err error) error {
	status, code, rs, _ := gate.Answer(err)
	if status == http.StatusNotFound || status >= http.StatusInternalServerError {
		return err
	}
	v, verr := p.Desk.View(c.Request().Context(), c.Actor, id)
	if verr != nil {
		return verr
	}
	return p.filesPage(c, status, v, refusal(c, code, rs))
}

// download answers with a file as it was stored: always to save, never to open inside our own site.
func (p *Pages) download(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	a, r, err := p.Desk.Attachment(c.Request().Context(), c.Actor, id, c.Param("file"))
	if err != nil {
		return err
	}
	defer r.Close()
	h := c.Response().Header()
	h.Set("Content-Security-Policy", gate.DataPolicy)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	h.Set("Content-Length", itoa(a.Size))
	return c.Stream(http.StatusOK, a.Media, r)
}
