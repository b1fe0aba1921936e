package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"

	"qingyang/ui/words"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed english.json
var englishSource []byte

// english has the English of every Chinese sentence that a page of ours says.
var english = func() map[string]string {
	m := map[string]string{}
	if err := json.Unmarshal(englishSource, &m); err != nil {
		panic(fmt.Errorf("english.json: %w", err))
	}
	return m
}()

type drawer struct{ *template.Template }

// tr returns the Chinese sentence zh in the language of b; {0}, {1} … are replaced by args.
func tr(b words.Book, zh string, args ...any) string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = fmt.Sprint(a)
	}
	en, ok := english[zh]
	if !ok {
		en = zh
	}
	return b.Say(words.Pair{Zh: zh, En: en}, list...)
}

func newDrawer(lang string, as assets) (drawer, error) {
	b := words.Of(lang)
	t, err := template.New("").Funcs(template.FuncMap{
		"t":      func(zh string, args ...any) string { return tr(b, zh, args...) },
		"asset":  as.url,
		"vendor": func(name string) bool { return as.has("vendor/" + name) },
		"inc":    func(i int) int { return i + 1 },
	}).ParseFS(templates, "templates/*.html")
	return drawer{t}, err
}
