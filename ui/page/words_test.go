package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"
)

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// spoken returns every Chinese sentence of the templates and of the Go source.
func spokenHere(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	as, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDrawer("zh", as)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range d.Templates() {
		templateWords(t, x, seen)
	}
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0) //nolint:staticcheck // one package, no build tags
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range pkgs["page"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if b, ok := n.(*ast.BasicLit); ok && b.Kind == token.STRING {
				if s, err := strconv.Unquote(b.Value); err == nil && (han(s) || english[s] != "") {
					seen[s] = true
				}
			}
			return true
		})
	}
	var out []string
	for s := range seen {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func templateWords(t *testing.T, x *template.Template, seen map[string]bool) {
	t.Helper()
	if x.Tree == nil {
		return
	}
	var walk func(parse.Node)
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				walk(n)
			}
		}
	}
	pipe := func(p *parse.PipeNode) {
		if p == nil {
			return
		}
		for _, c := range p.Cmds {
			for i, a := range c.Args {
				if id, ok := c.Args[0].(*parse.IdentifierNode); ok && id.Ident == "t" && i == 1 {
					seen[a.(*parse.StringNode).Text] = true
				}
				walk(a)
			}
		}
	}
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			list(n)
		case *parse.ActionNode:
			pipe(n.Pipe)
		case *parse.PipeNode:
			pipe(n)
		case *parse.IfNode:
			pipe(n.Pipe)
			list(n.List)
			list(n.ElseList)
		case *parse.RangeNode:
			pipe(n.Pipe)
			list(n.List)
			list(n.ElseList)
		case *parse.WithNode:
			pipe(n.Pipe)
			list(n.List)
			list(n.ElseList)
		case *parse.TemplateNode:
			pipe(n.Pipe)
		case *parse.TextNode:
			if s := string(n.Text); han(s) && !strings.Contains(s, "English") && !strings.Contains(s, "中文") {
				t.Errorf("template %s has Chinese outside t: %q", x.Name(), strings.TrimSpace(s))
			}
		}
	}
	list(x.Tree.Root)
}

// Mutant: take any line out of english.json.
func TestEverySentenceHasEnglish(t *testing.T) {
	own := []string{"中文", "2006年1月2日"} // the language's own name, and a date as notices write it
	said := spokenHere(t)
	for _, s := range said {
		if english[s] == "" && !slices.Contains(own, s) {
			t.Errorf("no English for %q", s)
		}
	}
	for s := range english {
		if !slices.Contains(said, s) {
			t.Errorf("nobody says %q", s)
		}
	}
}
