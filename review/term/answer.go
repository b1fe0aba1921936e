package term

import (
	"qingyang/review"
)

// names of the categories, for people.
var names = map[string]string{
	"gambling": "赌博", "loan": "贷款广告", "adult": "色情", "spam": "广告", "error": "规范表述", "secret": "涉密",
	"political": "政治", "person": "人名", "violence": "暴力", "drugs": "毒品", "rumour": "谣言", "fraud": "诈骗",
}

// term returns the text of a term.
func (sc *scan) term(at place) string { return sc.r.layers[at.layer].text.at(at.id) }

// answer turns the hits into findings.
func (sc *scan) answer() (found []review.Finding, dropped []review.Suppressed, err error) {
	counts := 0
	for i := range sc.hits {
		if sc.hits[i].cause == "" {
			counts++
		}
	}
	if counts > 0 {
		found = make([]review.Finding, 0, counts)
	}
	for _, h := range sc.hits {
		f := sc.finding(h)
		if h.cause == "" {
			found = append(found, f)
		} else {
			dropped = append(dropped, review.Suppressed{Finding: f, Cause: h.cause})
		}
	}
	return found, dropped, nil
}

func (sc *scan) finding(h hit) review.Finding {
	l := sc.r.layers[h.at.layer]
	e := l.entries[l.group[h.at.id]]
	f := review.Finding{
		Kind: review.Term, Type: e.category, Term: l.text.at(h.at.id), Level: e.level, Start: h.start, End: h.end,
		Text: string(sc.s[h.from:h.to]), Match: review.Folded, Rule: e.rule, Library: e.library, Why: e.why,
		Suggest: e.advice, AutoReturn: e.autoReturn,
	}
	switch {
	case h.way != 0:
		f.Match, f.Level, f.AutoReturn = review.Fuzzy, e.fuzzyLevel, false
	case f.Text == f.Term:
		f.Match = review.Exact
	}
	if f.Why == "" {
		f.Why = "命中" + name(e.category) + "词条“" + f.Term + "”"
	}
	if e.basis != "" {
		f.Why += "（" + e.basis + "）"
	}
	return f
}

// name returns a category for people.
func name(category string) string {
	if n, ok := names[category]; ok {
		return n
	}
	return category
}
