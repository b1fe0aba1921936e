package extract

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// node is one piece of an XML text: a start tag, an end tag or character data.
type node struct {
	name  string // local name; empty for character data
	raw   string // of a start tag: what stands between name and >
	text  string // of character data, decoded
	end   bool
	empty bool // a start tag that ends itself
}

// walkXML calls visit for every tag and text in order. Document type declarations are refused: office files have none and
// entity bombs need one. It fails with ErrBroken where tags do not close, and with visit's error.
func walkXML(data []byte, visit func(n node) error) error {
	s, _ := decode(data)
	for len(s) > 0 {
		lt := strings.IndexByte(s, '<')
		if lt < 0 {
			lt = len(s)
		}
		if lt > 0 {
			if err := visit(node{text: unescape(s[:lt])}); err != nil {
				return err
			}
			s = s[lt:]
			continue
		}
		n, size, err := readNode(s)
		if err != nil {
			return err
		}
		s = s[size:]
		if n.name == "" && n.text == "" {
			continue
		}
		if err := visit(n); err != nil {
			return err
		}
	}
	return nil
}

// readNode reads the markup at the start of s and how long it is.
func readNode(s string) (node, int, error) {
	switch {
	case strings.HasPrefix(s, "<!--"):
		return until(s, "-->", 0)
	case strings.HasPrefix(s, "<![CDATA["):
		return until(s, "]]>", len("<![CDATA["))
	case strings.HasPrefix(s, "<?"):
		return until(s, "?>", 0)
	case strings.HasPrefix(s, "<!"):
		return node{}, 0, fmt.Errorf("%w: 含文档类型声明 (DTD)", ErrBroken)
	}
	gt := tagEnd(s)
	if gt < 0 {
		return node{}, 0, fmt.Errorf("%w: unclosed tag", ErrBroken)
	}
	n, body := node{}, s[1:gt]
	if strings.HasPrefix(body, "/") {
		n.end, body = true, body[1:]
	} else if strings.HasSuffix(body, "/") {
		n.empty, body = true, body[:len(body)-1]
	}
	k := strings.IndexAny(body, space)
	if k < 0 {
		k = len(body)
	}
	n.name, n.raw = body[strings.IndexByte(body[:k], ':')+1:k], body[k:]
	return n, gt + 1, nil
}

// until reads what ends with mark; from is where its text begins, 0 when it has none to give.
func until(s, mark string, from int) (node, int, error) {
	k := strings.Index(s, mark)
	if k < 0 {
		return node{}, 0, fmt.Errorf("%w: no %s", ErrBroken, mark)
	}
	n := node{}
	if from > 0 {
		n.text = s[from:k]
	}
	return n, k + len(mark), nil
}

// tagEnd returns where the tag at the start of s ends; > may stand in quotes.
func tagEnd(s string) int {
	gt := strings.IndexByte(s, '>')
	if gt < 0 || strings.Count(s[:gt], `"`)%2 == 0 && strings.IndexByte(s[:gt], '\'') < 0 {
		return gt
	}
	var quote byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

// attr returns the attribute of this local name, decoded; empty when there is none.
func (n node) attr(name string) string {
	s := n.raw
	for {
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			return ""
		}
		key := strings.Trim(s[:eq], space)
		key = key[strings.LastIndexByte(key, ':')+1:]
		s = strings.TrimLeft(s[eq+1:], space)
		if s == "" || s[0] != '"' && s[0] != '\'' {
			return ""
		}
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return ""
		}
		if key == name {
			return unescape(s[1 : end+1])
		}
		s = s[end+2:]
	}
}

// unescape decodes the entities of XML; others stay as they are.
func unescape(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		text, n := entity(s)
		b.WriteString(text)
		s = s[n:]
	}
	return b.String()
}

func isBlank(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == 0xA0 || r == 0x3000 || r == zeroWidth || r == utf8.RuneError
	}) == ""
}
