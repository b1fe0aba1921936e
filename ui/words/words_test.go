package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"qingyang/workflow"
)

// families says under which family of terms the constants of a type stand.
var families = map[string]string{
	"State": "state", "Event": "event", "Role": "role", "Duty": "duty", "Verdict": "verdict", "Shown": "shown",
	"RoleOp": "role_op", "Class": "class", "Urgency": "urgency", "Box": "box", "Kin": "kin", "Level": "level", "Kind": "finding", "Match": "match",
}

// sources parses the Go files of a folder, tests left out.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	var out []*ast.File
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") {
			continue
		}
		src, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), n, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// constants returns family.value of every typed string constant in files.
func constants(files []*ast.File) []string {
	var out []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			id, ok := v.Type.(*ast.Ident)
			if !ok || families[id.Name] == "" {
				return true
			}
			for _, x := range v.Values {
				if s, ok := literal(x); ok {
					out = append(out, families[id.Name]+"."+s)
				}
			}
			return true
		})
	}
	return out
}

// coders returns, for each function of files with a parameter "code string", the parameter's position.
func coders(files []*ast.File) map[string]int {
	out := map[string]int{}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := 0
			for _, p := range fn.Type.Params.List {
				for _, name := range p.Names {
					if name.Name == "code" {
						out[fn.Name.Name] = at
					}
					at++
				}
			}
		}
	}
	return out
}

// reasonCodes returns every reason code that files write as a literal, in a Reason or as the argument of one of takes.
func reasonCodes(files []*ast.File, takes map[string]int) []string {
	var out []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				out = append(out, ownCode(n)...)
			case *ast.CallExpr:
				if s, ok := calledWith(n, takes); ok {
					out = append(out, s)
				}
			}
			return true
		})
	}
	return out
}

// ownCode returns the literal of c's field Code. That of a AnswerError is an error's code, not a reason's.
func ownCode(c *ast.CompositeLit) []string {
	if id, ok := c.Type.(*ast.Ident); ok && id.Name == "AnswerError" {
		return nil
	}
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		id, ok := kv.Key.(*ast.Ident)
		if s, str := literal(kv.Value); ok && str && id.Name == "Code" {
			return []string{s}
		}
	}
	return nil
}

func calledWith(c *ast.CallExpr, takes map[string]int) (string, bool) {
	name := ""
	switch f := c.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	at, ok := takes[name]
	if !ok || at >= len(c.Args) {
		return "", false
	}
	return literal(c.Args[at])
}

// Mutant: leave out the words of one state.
func TestEveryConstantHasWords(t *testing.T) {
	cs := append(constants(sources(t, "../../workflow")), constants(sources(t, "../../review"))...)
	if len(cs) < 80 {
		t.Fatalf("only %d constants found: the search is broken", len(cs))
	}
	for _, c := range cs {
		if _, ok := terms[c]; !ok {
			t.Errorf("no words for %s", c)
		}
	}
}

// Mutant: leave out the words of one reason.
func TestEveryReasonHasWords(t *testing.T) {
	gate := coders(sources(t, "../gate"))
	codes := fits(t)
	for _, dir := range []string{
		"../../workflow", "../../workflow/render", "../../storage/db", "../../cmd/qingyang", "../gate", "../api", "../page",
	} {
		files := sources(t, dir)
		takes := coders(files)
		if dir == "../api" || dir == "../page" {
			maps.Copy(takes, gate)
		}
		codes = append(codes, reasonCodes(files, takes)...)
	}
	if len(codes) < 60 {
		t.Fatalf("only %d reason codes found: the search is broken", len(codes))
	}
	for _, c := range codes {
		if _, ok := reasons[c]; !ok {
			t.Errorf("no words for reason %s", c)
		}
	}
}

// fits returns the codes of what does not fit a channel: the exported constants of render that are written as codes.
func fits(t *testing.T) []string {
	t.Helper()
	code := regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)
	var out []string
	for _, f := range sources(t, "../../workflow/render") {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && v.Names[0].IsExported() && len(v.Values) == 1 {
				if s, ok := literal(v.Values[0]); ok && code.MatchString(s) {
					out = append(out, s)
				}
			}
			return true
		})
	}
	if len(out) < 5 {
		t.Fatalf("only %d codes found in render: the search is broken", len(out))
	}
	return out
}

func TestBothLanguagesAreComplete(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z0-9]+\}`)
	for name, texts := range map[string]Texts{"terms": terms, "reasons": reasons, "faults": faults, "fields": fields} {
		for k, p := range texts {
			if strings.TrimSpace(p.Zh) == "" || strings.TrimSpace(p.En) == "" {
				t.Errorf("%s lacks a language for %s", name, k)
			}
			if zh, en := len(place.FindAllString(p.Zh, -1)), len(place.FindAllString(p.En, -1)); zh != en {
				t.Errorf("%s %s has %d places in Chinese and %d in English", name, k, zh, en)
			}
		}
	}
}

func TestReason(t *testing.T) {
	for _, c := range []struct {
		r      workflow.Reason
		zh, en string
	}{
		{
			workflow.Reason{Code: "too_long", Field: "title", Args: []string{"200"}},
			"“标题”太长，最多 200 字，请删减", "Title is too long; 200 characters at most",
		},
		{
			workflow.Reason{Code: "persons", Args: []string{"author"}},
			"您已在该稿件中担任“拟稿”，同一人不得再办其他环节，请由他人办理",
			"You already took part in this item (author); one person plays one part only, so someone else must act",
		},
		{
			workflow.Reason{Code: "role", Args: []string{"leader", "chief"}},
			"您没有办理这一步所需的角色（分管领导、主要领导），请由有权人员办理",
			"You do not hold the role this step needs (Deputy leader, Principal leader); ask someone who does",
		},
		{workflow.Reason{Code: "not heard of"}, "not heard of", "not heard of"},
	} {
		if got := Of("").Reason(c.r); got != c.zh {
			t.Errorf("zh %v: %q, want %q", c.r, got, c.zh)
		}
		if got := Of(En).Reason(c.r); got != c.en {
			t.Errorf("en %v: %q, want %q", c.r, got, c.en)
		}
	}
}

func TestField(t *testing.T) {
	for in, want := range map[string]string{
		"title": "标题", "channels[0].until": "结束时间", "/channels/2/text": "渠道文字", "contest[1].finding": "检查发现", "x": "x",
	} {
		if got := Of(Zh).Field(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	zh, en := Of(Zh), Of(En)
	got := []string{
		zh.State(workflow.SecrecyReview), zh.Event(workflow.Suspend), zh.Action(workflow.SecrecyPass), zh.Action(workflow.Recall),
		zh.Role(workflow.Auditor), zh.Duty(workflow.PublishDuty), zh.Verdict(workflow.Accept), zh.Shown(workflow.Live),
		zh.Class(workflow.Important), zh.Urgency(workflow.Critical), zh.Box(workflow.Todo), zh.Disclosure("active"),
		zh.Level("block"), zh.FindingKind("pii"), zh.Match("exact"), zh.ReasonCode("law"), zh.ChannelKind("tv"),
		zh.ChannelState("halted"), zh.Antivirus("off"), zh.Result("refused"), zh.SelfCheck("accurate"), zh.Error("stale"),
		en.State(workflow.Draft), en.Lang(), zh.Lang(), zh.State("nowhere"), zh.Pick(Texts{}, "key"),
	}
	want := []string{
		"保密审查", "紧急下线", "可以公开", "取回",
		"审计员", "登记发布", "无须修改", "播出中",
		"重要", "特急", "待办", "主动公开",
		"必须处置", "个人信息", "原文命中", "违反法律法规", "大厅液晶电视",
		"停播", "未经杀毒", "被拒绝", "内容真实、导向正确、表述规范", "稿件在您打开之后已有变动，请核对差异后再办",
		"Draft", "en", "zh", "nowhere", "key",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %q, want %q", i, got[i], want[i])
		}
	}
}
