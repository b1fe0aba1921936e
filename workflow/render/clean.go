package render

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"qingyang/workflow"
)

// pictures are the media types that may stand as an image; SVG is a program and not among them.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s", "sub", "sup",
		"blockquote", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"figure", "figcaption")
	number := regexp.MustCompile(`^[0-9]{1,3}$`)
	p.AllowAttrs("colspan", "rowspan").Matching(number).OnElements("th", "td")
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^files/[0-9a-f]{64}$`)).OnElements("img")
	p.AllowAttrs("href").Matching(regexp.MustCompile(`(?i)^(https?:|mailto:|tel:|files/[0-9a-f]{64}$)`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}

// File returns the address of an attachment, relative to the page that shows it, so that the stored bytes work in the
// preview and on the public site alike.
func File(sha string) string { return "files/" + sha }

// cleaner rewrites the tree of a body and notes what it takes away.
type cleaner struct {
	files []workflow.Attachment
	fit   []workflow.Reason
}

// clean returns body as harmless HTML: headings from h2 down, lists, tables, links, and images of own attachments.
func clean(body string, files []workflow.Attachment) (string, []workflow.Reason) {
	nodes, err := fragment(body)
	if err != nil { // only a reader can fail, and a string does not
		return "", []workflow.Reason{{Code: TextEmpty, Field: fitFieldBody}}
	}
	c := cleaner{files: files}
	var b strings.Builder
	for _, n := range nodes {
		if c.keep(n) {
			_ = html.Render(&b, n) // a strings.Builder takes everything
		}
	}
	return strings.TrimSpace(policy.Sanitize(b.String())), c.fit
}

func fragment(s string) ([]*html.Node, error) {
	return html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
}

// keep rewrites n and what is below it; false means that n goes.
func (c *cleaner) keep(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1: // the title is the page's only one
		n.Data, n.DataAtom = "h2", atom.H2
	case atom.Img:
		return c.image(n)
	case atom.A:
		c.link(n)
	}
	for k := n.FirstChild; k != nil; {
		next := k.NextSibling
		if !c.keep(k) {
			n.RemoveChild(k)
		}
		k = next
	}
	return true
}

func (c *cleaner) image(n *html.Node) bool {
	src := attr(n, "src")
	f, ok := c.attachment(src)
	if !ok || !pictures[f.Media] {
		c.fit = append(c.fit, workflow.Reason{Code: ImageDropped, Field: fitFieldBody, Args: []string{short(src)}})
		return false
	}
	n.Attr = []html.Attribute{{Key: "src", Val: File(f.SHA256)}, {Key: "alt", Val: attr(n, "alt")}}
	return true
}

func (c *cleaner) link(n *html.Node) {
	href := strings.TrimSpace(attr(n, "href"))
	n.Attr = nil
	if href == "" || href[0] == '#' {
		return
	}
	u, err := url.Parse(href)
	if err == nil && outside(u) {
		n.Attr = []html.Attribute{{Key: "href", Val: href}}
		return
	}
	if f, ok := c.attachment(href); ok {
		n.Attr = []html.Attribute{{Key: "href", Val: File(f.SHA256)}}
		return
	}
	c.fit = append(c.fit, workflow.Reason{Code: LinkDropped, Field: fitFieldBody, Args: []string{short(href)}})
}

func outside(u *url.URL) bool {
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto", "tel":
		return true
	}
	return false
}

// attachment finds the item's file whose id, hash or name ends the address.
func (c *cleaner) attachment(address string) (workflow.Attachment, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" && u.Scheme != "attachment" || u.Host != "" {
		return workflow.Attachment{}, false
	}
	opaque, err := url.PathUnescape(u.Opaque)
	if err != nil {
		return workflow.Attachment{}, false
	}
	last := path.Base(u.Path + opaque)
	for _, f := range c.files {
		if last != "" && (last == f.ID || last == f.Name || last == f.SHA256) {
			return f, true
		}
	}
	return workflow.Attachment{}, false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func short(s string) string {
	if rs := []rune(s); len(rs) > 60 {
		return string(rs[:60]) + "…"
	}
	return s
}
