package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"qingyang/workflow"
)

//go:embed article.html
var articleSource string

var articlePage = template.Must(template.New("article").Funcs(template.FuncMap{"file": File, "size": size}).Parse(articleSource))

type articleData struct {
	Title, Source string
	Body          template.HTML
	Files         []workflow.Attachment
}

// article returns the portal's page of an item: a fragment; the site's frame round it is made when it is fetched.
func article(r workflow.Revision) ([]workflow.Page, error) {
	body, fit := clean(r.Content.BodyHTML, r.Attachments)
	if body == "" {
		fit = append(fit, workflow.Reason{Code: TextEmpty, Field: fitFieldBody})
	}
	var b bytes.Buffer
	err := articlePage.Execute(&b, articleData{
		Title: r.Content.Title, Source: r.Content.Source, Files: r.Attachments,
		Body: template.HTML(body), //nolint:gosec // cleaned by the policy above
	})
	if err != nil {
		return nil, fmt.Errorf("render article: %w", err)
	}
	return []workflow.Page{{Name: "page.html", Media: "text/html; charset=utf-8", Bytes: b.Bytes(), Fit: fit}}, nil
}

// size returns n bytes in the words of a download list.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KB", (n+1<<9)>>10)
	}
	return fmt.Sprintf("%d.%d MB", n>>20, n%(1<<20)*10>>20)
}
