package page_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"qingyang/seeds/library"
	"qingyang/ui/words"
)

var (
	han      = regexp.MustCompile(`\p{Han}`)
	sentence = regexp.MustCompile(`^\p{Han}[^/]*[，；]|^\p{Han}{2,}.*(后另存|上传|隐藏|批注|备注|公务|邮箱|域名|地址|网盘|附件|以外|周期|数量|标志)$`)
)

// spoken returns the string constants of a package of detectors that are sentences for people.
func spoken(t *testing.T, dir string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "review", dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if x, ok := n.(*ast.BasicLit); ok && x.Kind == token.STRING {
				if s, err := strconv.Unquote(x.Value); err == nil && len(han.FindAllString(s, -1)) >= 5 && sentence.MatchString(s) {
					out = append(out, s)
				}
			}
			return true
		})
	}
	return out
}

// Whatever the check can say of a finding is there in English. Mutant: drop a text of said.json.
func TestFindingsSpeakEnglish(t *testing.T) {
	en, n := words.Of(words.En), 0
	quoted := regexp.MustCompile(`《[^》]*》|[“‘][^”’]*[”’]|(Use the present names|Check the characters): .*`)
	check := func(zh string) {
		n++
		if got := en.Said(zh); han.MatchString(quoted.ReplaceAllString(got, "")) {
			t.Errorf("%q is %q in English", zh, got)
		}
	}
	libs, err := library.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range libs {
		for _, x := range lib.Terms {
			check(x.Why)
			check(x.Suggest)
			check(x.Basis)
		}
	}
	for _, dir := range []string{"pii", "detect"} {
		for _, s := range spoken(t, dir) {
			switch {
			case strings.HasPrefix(s, "”"): // the end of a sentence with a gap
			case strings.HasSuffix(s, "“"):
				check(s + "词”" + map[bool]string{true: "，疑似被批量替换"}[strings.HasPrefix(s, "与公文")])
			default:
				check(s)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d texts were looked at", n)
	}
	for zh, want := range map[string]string{
		"建议改为 138****2617":   "Write 138****2617 instead",
		"含可执行内容：PDF 动作 /JS":  "Has content that runs: PDF action /JS",
		"本中心自己写的说明":          "本中心自己写的说明",
		"看不见的地方藏有“百家乐”，疑为暗链": "“百家乐” where nobody sees it: probably a hidden link",
	} {
		if got := en.Said(zh); got != want || words.Of(words.Zh).Said(zh) != zh {
			t.Errorf("%q: %q, want %q", zh, got, want)
		}
	}
}
