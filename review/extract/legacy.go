package extract

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"time"
	"unicode/utf16"
)

// legacyTime bounds one run of an outside reader.
const legacyTime = 10 * time.Second

// legacyReaders turn an old word processor's file on standard input into UTF-8 text.
var legacyReaders = [][]string{{"antiword", "-m", "UTF-8.txt", "-"}, {"catdoc", "-w", "-d", "utf-8"}}

// legacy reads the binary office formats: doc through antiword or catdoc where installed. Otherwise the stretches of
// Chinese text that the bytes show are matched and the file stays unreadable.
func (f *file) legacy(kind string) error {
	if bytes.Contains(f.data, wide("EncryptedPackage")) || bytes.Contains(f.data, wide("EncryptionInfo")) {
		return ErrEncrypted
	}
	if bytes.Contains(f.data, wide("_VBA_PROJECT")) || bytes.Contains(f.data, wide("Macros")) {
		f.active("", "宏")
	}
	if kind == "doc" || kind == "wps" {
		for _, args := range legacyReaders {
			if text, ok := f.outside(args); ok {
				f.add("body", "", text)
				return f.b.ctx.Err()
			}
		}
	}
	f.add("body", "recovered", recovered(f.data))
	f.unreadable("旧版办公文档 ." + kind)
	return f.b.ctx.Err()
}

// outside runs a reader; ok is false when it is not installed or fails or says nothing.
func (f *file) outside(args []string) (string, bool) {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return "", false
	}
	ctx, cancel := context.WithTimeout(f.b.ctx, legacyTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args[1:]...) //nolint:gosec // the programs are named above
	cmd.Stdin = bytes.NewReader(f.data)
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil {
		return "", false
	}
	text := strings.ToValidUTF8(out.String(), "\uFFFD")
	return text, !isBlank(text)
}

// wide is an ASCII name as the directory of an old office file has it, in UTF-16.
func wide(name string) []byte {
	var b []byte
	for _, c := range []byte(name) {
		b = append(b, c, 0)
	}
	return b
}

// recovered returns the stretches of at least six characters of UTF-16 text that are Chinese for a third or more.
func recovered(data []byte) string {
	var out strings.Builder
	for start := range 2 {
		var run []uint16
		han := 0
		for i := start; i <= len(data); i += 2 {
			var u uint16
			if i+1 < len(data) {
				u = uint16(data[i]) | uint16(data[i+1])<<8
			}
			if isWriting(u) {
				run = append(run, u)
				if u >= 0x4E00 && u <= 0x9FFF {
					han++
				}
				continue
			}
			if len(run) >= 6 && han*3 >= len(run) {
				out.WriteString(string(utf16.Decode(run)) + "\n")
			}
			run, han = run[:0], 0
		}
	}
	return out.String()
}

// isWriting says whether u is ASCII, punctuation, a sign or a Chinese character.
func isWriting(u uint16) bool {
	return u >= 0x20 && u < 0x7F || u >= 0x2010 && u <= 0x26FF || u >= 0x3000 && u <= 0x303F || u >= 0xFF00 && u <= 0xFF65 || u >= 0x4E00 && u <= 0x9FFF
}
