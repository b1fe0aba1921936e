package detect

import (
	"slices"
	"strings"
	"unicode/utf8"

	"qingyang/review"
)

// officialWords are the common words of official texts that insertions were seen to replace.
var officialWords = []string{"政务公开", "信息公开", "政府信息", "行政审批", "便民服务"}

// foreignTails make a run of digits or letters in a Chinese sentence foreign to official language.
var foreignTails = []string{
	"线路", "检测中心", "娱乐", "官网", "登录", "注册", "平台", "彩票", "投注", "体育", "在线", "网址", "下载", "棋牌", "真人", "备用", "官方电话", "不给提款", "手机版", "客户端", "首页", "入口",
}

// Substitution finds a foreign run of words that stands again and again inside sentences while a common official word is
// missing throughout: a clone site has replaced one by the other.
func Substitution() Func {
	return func(s review.Segment) []review.Finding {
		if len(s.Text) < 120 && utf8.RuneCountInString(s.Text) < 40 {
			return nil
		}
		d := newDense(s.Text)
		defer d.free()
		runs := slices.DeleteFunc(foreign(d), func(places []int) bool { return len(places) < 2 })
		if len(runs) == 0 {
			return nil
		}
		missing := missingWords(string(d.r))
		if len(missing) == 0 {
			return nil
		}
		var out []review.Finding
		for _, places := range runs {
			size := common(d.r, places)
			if !containsAny(string(d.r[places[0]:places[0]+size]), foreignTails) {
				continue
			}
			for _, at := range places {
				out = append(out, substituted(d, at, size, missing))
			}
		}
		return out
	}
}

// missingWords returns the official words that text never has, if it is official at all.
func missingWords(text string) []string {
	if !strings.Contains(text, "政务") && !strings.Contains(text, "政府") && !strings.Contains(text, "行政") {
		return nil
	}
	var out []string
	for _, w := range officialWords {
		if !strings.Contains(text, w) {
			out = append(out, w)
		}
	}
	return out
}

// foreign returns where runs of Latin letters and digits stand between Chinese characters, by run, in order of appearance.
func foreign(d *dense) [][]int {
	var out [][]int
	index := map[string]int{}
	for i := 1; i < len(d.r); i++ {
		if !isLatin(d.r[i]) || !isHan(d.r[i-1]) {
			continue
		}
		from := i
		for i < len(d.r) && isLatin(d.r[i]) {
			i++
		}
		if i-from < 3 || i-from > 12 || i >= len(d.r) || !isHan(d.r[i]) {
			continue
		}
		run := string(d.r[from:i])
		if k, ok := index[run]; ok {
			out[k] = append(out[k], from)
		} else {
			index[run] = len(out)
			out = append(out, []int{from})
		}
	}
	return out
}

// common returns how many runes all places have in common, 16 at most.
func common(r []rune, places []int) int {
	for n := range 16 {
		for _, at := range places {
			if at+n >= len(r) || r[at+n] != r[places[0]+n] || !isLatin(r[at+n]) && !isHan(r[at+n]) {
				return n
			}
		}
	}
	return 16
}

func substituted(d *dense, at, size int, missing []string) review.Finding {
	from, to := d.span(at, at+size)
	return review.Finding{
		Kind: review.Link, Type: "substitution", Level: review.Hint, Start: from, End: to, Text: d.words(from, to), Match: review.Exact,
		Rule: "link.substitution", Library: Library,
		Why:     "与公文用语无关的词在文中反复出现，而全文没有“" + strings.Join(missing, "”“") + "”，疑似被批量替换",
		Suggest: "对照原件恢复原词，可能是“" + missing[0] + "”",
	}
}
