package detect

import "qingyang/review"

// Hidden finds black links: spam words and addresses outside government in places that people do not see and machines do.
// What is hidden without them is no finding here; hits of other detectors in such a place are raised by the engine.
func Hidden() Func {
	return func(s review.Segment) []review.Finding {
		if s.Where != "hidden" && s.Where != "comment" {
			return nil
		}
		text := []rune(s.Text)
		d := newDense(s.Text)
		defer d.free()
		var out []review.Finding
		spam := verdict{"dark_word", review.Block, true, "看不见的地方藏有赌博、色情词语，疑为暗链", "删除，并检查网站是否被入侵"}
		for _, lex := range []*lexicon{gamblingWords, pornWords} {
			for _, w := range lex.scan(d.r) {
				from, to := d.span(w.from, w.to)
				out = append(out, spam.finding(review.Hidden, from, to, text))
			}
		}
		if s.Where == "comment" {
			return out
		}
		for _, l := range linksIn(text, false) {
			if !within(l.host, "gov.cn") {
				v := verdict{"dark_link", review.Ask, false, "看不见的地方藏有外部链接，疑为暗链", "删除，或说明用途"}
				out = append(out, v.finding(review.Hidden, l.from, l.to, text))
			}
		}
		return out
	}
}
