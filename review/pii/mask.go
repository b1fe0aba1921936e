package pii

import "strings"

// maskMiddle keeps the first and last characters of d and puts a star for each between: 441899********9574.
func maskMiddle(d []byte, first, last int) string {
	return "建议改为 " + string(d[:first]) + strings.Repeat("*", len(d)-first-last) + string(d[len(d)-last:])
}
