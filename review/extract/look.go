package extract

import (
	"strconv"
	"strings"
)

// looks is what the attributes of an element do to what it holds.
type looks struct {
	hidden bool // people do not see it
	ground bool // it sets a background
	white  bool // white text
}

// look judges an element by its name, the attribute hidden, its style, and the rules of the page for its class and id.
// Style sheets outside the page are not followed.
func look(name string, attrs []attr, rules map[string]looks) looks {
	l := looks{hidden: name == "noscript" || name == "template"}
	for _, a := range attrs {
		l = l.with(attrLook(name, a, rules))
	}
	return l
}

func attrLook(name string, a attr, rules map[string]looks) (l looks) {
	switch a.name {
	case "hidden":
		l.hidden = true
	case "type":
		l.hidden = name == "input" && strings.EqualFold(a.value, "hidden")
	case "bgcolor", "background":
		l.ground = true
	case "color":
		l.white = isWhite(a.value)
	case "width", "height":
		l.hidden = (name == "marquee" || name == "iframe") && small(a.value)
	case "style":
		l = readStyle(a.value)
	case "class", "id":
		l = ruled(a.value, rules)
	}
	return l
}

func ruled(words string, rules map[string]looks) (l looks) {
	if len(rules) == 0 {
		return l
	}
	for word := range strings.FieldsSeq(words) {
		l = l.with(rules["."+word]).with(rules["#"+word])
	}
	return l
}

func (l looks) with(m looks) looks {
	return looks{l.hidden || m.hidden, l.ground || m.ground, l.white || m.white}
}

// styleRules reads the rules for single classes and ids in the style elements of a page, by selector.
func styleRules(raw string) map[string]looks {
	rules := map[string]looks{}
	for {
		_, after, found := strings.Cut(raw, "<style")
		if !found {
			return rules
		}
		var body string
		body, raw, _ = strings.Cut(after, "</style")
		_, body, _ = strings.Cut(body, ">")
		for rule := range strings.SplitSeq(body, "}") {
			selectors, decls, _ := strings.Cut(rule, "{")
			for sel := range strings.SplitSeq(selectors, ",") {
				if sel = strings.TrimSpace(sel); len(sel) > 1 && (sel[0] == '.' || sel[0] == '#') && !strings.ContainsAny(sel[1:], " .#:>[") {
					rules[sel] = rules[sel].with(readStyle(decls))
				}
			}
		}
	}
}

func readStyle(style string) looks {
	var l looks
	var color, ground string
	clipped, small := false, false
	for decl := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(name) {
		case "color":
			color = value
		case "background", "background-color":
			ground = value
			l.ground = true
		case "overflow":
			clipped = value == "hidden"
		case "width", "height", "max-height", "max-width", "line-height":
			small = small || tiny(value)
		default:
			l.hidden = l.hidden || hides(strings.TrimSpace(name), value)
		}
	}
	l.white = isWhite(color)
	l.hidden = l.hidden || clipped && small || unseen(color, ground)
	return l
}

// unseen says whether text of this colour does not show on this ground.
func unseen(color, ground string) bool {
	if color == "" {
		return false
	}
	return color == ground || color == "transparent" || isWhite(color) && isWhite(ground)
}

// hides says whether one declaration makes an element invisible: not shown, too small, transparent, off the screen.
func hides(name, value string) bool {
	if px, ok := pixels(value); ok {
		return hidesBySize(name, value, px)
	}
	switch name {
	case "display":
		return value == "none"
	case "visibility":
		return value == "hidden" || value == "collapse"
	case "clip":
		return strings.HasPrefix(value, "rect(0") || strings.HasPrefix(value, "rect(1px")
	}
	return false
}

// small says whether a frame of this size shows nothing to speak of.
func small(length string) bool {
	px, ok := pixels(length)
	return ok && px <= 5
}

func hidesBySize(name, value string, px float64) bool {
	switch name {
	case "opacity":
		return px < 0.05
	case "font-size":
		return px == 0 || px <= 2 && !strings.HasSuffix(value, "em")
	case "left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top":
		return px <= -500
	}
	return false
}

func tiny(length string) bool {
	px, ok := pixels(length)
	return ok && px <= 1
}

// pixels reads the number at the start of a length.
func pixels(value string) (float64, bool) {
	end := 0
	for end < len(value) && strings.IndexByte("+-.0123456789", value[end]) >= 0 {
		end++
	}
	f, err := strconv.ParseFloat(value[:end], 64)
	return f, err == nil && !strings.HasSuffix(value, "%")
}

func isWhite(color string) bool {
	switch strings.ReplaceAll(strings.ToLower(color), " ", "") {
	case "white", "#fff", "#ffffff", "rgb(255,255,255)", "#fefefe":
		return true
	}
	return false
}
