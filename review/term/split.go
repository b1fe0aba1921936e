package term

import "qingyang/review/term/shape"

// splits returns a term with some of its characters taken apart.
func splits(text []rune) (out []string) {
	rows := []string{""}
	whole := []bool{true}
	for _, r := range text {
		forms := shape.Parts(r)
		var next []string
		var plain []bool
		for i, row := range rows {
			next, plain = append(next, row+string(r)), append(plain, whole[i])
			for _, f := range forms {
				if len(next) >= maxSplits {
					break
				}
				next, plain = append(next, row+f), append(plain, false)
			}
		}
		rows, whole = next, plain
	}
	for i, row := range rows {
		if !whole[i] {
			out = append(out, row)
		}
	}
	return out
}
