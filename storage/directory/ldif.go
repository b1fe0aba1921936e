package directory

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Node is one entry of an LDIF file: its name and, by attribute name in lower case, its values in their order.
type Node struct {
	DN         string
	Attributes map[string][]string
}

// ParseLDIF reads the content entries of an LDIF file (RFC 2849): folded lines, comments and base64 values. Changes and
// values by URL are refused.
func ParseLDIF(text []byte) ([]Node, error) {
	var nodes []Node
	open := false
	for i, line := range unfold(string(text)) {
		switch {
		case line == "":
			open = false
			continue
		case line[0] == '#', len(nodes) == 0 && strings.HasPrefix(line, "version:"):
			continue
		}
		name, value, err := ldifLine(line)
		switch {
		case err != nil:
			return nil, fmt.Errorf("ldif line %d: %w", i+1, err)
		case !open && name == "dn":
			nodes, open = append(nodes, Node{DN: value, Attributes: map[string][]string{}}), true
		case !open || name == "dn" || name == "changetype":
			return nil, fmt.Errorf("ldif line %d: %q does not belong here", i+1, name)
		default:
			n := nodes[len(nodes)-1]
			n.Attributes[name] = append(n.Attributes[name], value)
		}
	}
	return nodes, nil
}

// unfold returns the lines of text, those that begin with a space joined to the one before and left empty-handed behind
// as a comment, so that every line keeps its number.
func unfold(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	last := 0
	for i, line := range lines {
		if i > 0 && strings.HasPrefix(line, " ") && lines[last] != "" {
			lines[last] += line[1:]
			lines[i] = "#"
			continue
		}
		last = i
	}
	return lines
}

func ldifLine(line string) (name, value string, err error) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || strings.TrimSpace(name) == "" || strings.HasPrefix(value, "<") {
		return "", "", errors.New("not an attribute with its value")
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if encoded, ok := strings.CutPrefix(value, ":"); ok {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil {
			return "", "", fmt.Errorf("value of %q: %w", name, err)
		}
		return name, string(raw), nil
	}
	return name, strings.TrimLeft(value, " "), nil
}
