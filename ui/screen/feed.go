package screen

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// feed is a JSON Feed 1.1 (jsonfeed.org/version/1.1).
type feed struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	HomePageURL string     `json:"home_page_url"`
	FeedURL     string     `json:"feed_url"`
	Description string     `json:"description,omitempty"`
	Language    string     `json:"language"`
	Items       []feedItem `json:"items"`
}

type feedItem struct {
	ID            string           `json:"id"`
	URL           string           `json:"url"`
	Title         string           `json:"title"`
	ContentHTML   string           `json:"content_html,omitempty"`
	ContentText   string           `json:"content_text,omitempty"`
	Summary       string           `json:"summary,omitempty"`
	DatePublished time.Time        `json:"date_published"`
	Tags          []string         `json:"tags,omitempty"`
	Attachments   []feedAttachment `json:"attachments,omitempty"`
	Qingyang      extension        `json:"_qingyang"`
}

type feedAttachment struct {
	URL   string `json:"url"`
	Media string `json:"mime_type"`
	Title string `json:"title"`
	Size  int64  `json:"size_in_bytes"`
}

// extension is ours: the register number and the digest that was signed.
type extension struct {
	Number string `json:"number"`
	Digest string `json:"digest"`
}

// jsonFeed answers 200 also when nothing is left or the channel is halted: readers keep old content on an error.
func (s *Screens) jsonFeed(c *gate.Call, b *board) error {
	home := s.Origin + base(b)
	f := feed{
		Version: "https://jsonfeed.org/version/1.1", Title: b.setup.House, HomePageURL: home, FeedURL: home + "feed.json",
		Language: "zh-CN", Items: []feedItem{},
	}
	if b.halted() {
		f.Description = maintenanceTitle
	}
	for _, x := range b.live() {
		it, err := s.feedItem(c, b, x)
		if gone(err) {
			continue
		}
		if err != nil { // one unreadable blob must not take the rest of the feed away
			s.Log.ErrorContext(c.Request().Context(), "feed leaves an item out", slog.Int64("item", int64(x.Item)), slog.Any("error", err))
			continue
		}
		f.Items = append(f.Items, it)
	}
	out, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return send(c, "application/feed+json; charset=utf-8", out)
}

func (s *Screens) feedItem(c *gate.Call, b *board, x *card) (feedItem, error) {
	link := s.Origin + address(b, x.Number)
	it := feedItem{
		ID: link, URL: link, Title: x.Title, Summary: x.Summary, DatePublished: x.PublishedAt.In(beijing),
		Qingyang: extension{x.Number, x.Digest},
	}
	for _, col := range b.setup.Columns {
		if col.ID == x.Column {
			it.Tags = []string{col.Name}
		}
	}
	body, err := x.rendition(c.Request().Context(), x.Renditions[0].Name)
	if err != nil {
		return feedItem{}, err
	}
	if b.channel.Kind == workflow.LED {
		it.ContentText = string(bytes.TrimSpace(body))
		return it, nil
	}
	files := s.Origin + base(b) + "items/files/"
	// A quote never stands bare in the cleaned text, so this meets attributes only.
	it.ContentHTML = string(bytes.ReplaceAll(body, []byte(`="files/`), []byte(`="`+files)))
	if b.channel.Kind == workflow.Portal {
		for _, a := range x.Attachments {
			it.Attachments = append(it.Attachments, feedAttachment{files + a.SHA256, a.Media, a.Name, a.Size})
		}
	}
	return it, nil
}

type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string `xml:"title"`
	Link        string `xml:"link"`
	GUID        string `xml:"guid"`
	Description string `xml:"description"`
	PubDate     string `xml:"pubDate"`
}

// rss is RSS 2.0, with summaries.
func (s *Screens) rss(c *gate.Call, b *board) error {
	r := rss{Version: "2.0", Channel: rssChannel{
		Title: b.setup.House, Link: s.Origin + base(b), Description: b.setup.House, Language: "zh-cn",
	}}
	for _, x := range b.live() {
		link := s.Origin + address(b, x.Number)
		r.Channel.Items = append(r.Channel.Items, rssItem{x.Title, link, link, x.Summary, x.PublishedAt.In(beijing).Format(time.RFC1123Z)})
	}
	return sendXML(c, "application/rss+xml; charset=utf-8", r)
}

type urlset struct {
	XMLName xml.Name   `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []location `xml:"url"`
}

type location struct {
	Loc     string `xml:"loc"`
	Lastmod string `xml:"lastmod,omitempty"`
}

func (s *Screens) sitemap(c *gate.Call, b *board) error {
	u := urlset{URLs: []location{{Loc: s.Origin + base(b)}}}
	for _, x := range b.live() {
		u.URLs = append(u.URLs, location{s.Origin + address(b, x.Number), x.PublishedAt.In(beijing).Format(time.RFC3339)})
	}
	return sendXML(c, "application/xml; charset=utf-8", u)
}

func sendXML(c *gate.Call, media string, v any) error {
	out, err := xml.Marshal(v)
	if err != nil {
		return err
	}
	return send(c, media, append([]byte(xml.Header), out...))
}
