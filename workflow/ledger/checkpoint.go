package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// origin is the first line of a checkpoint, which names the kind of log (C2SP tlog-checkpoint).
const origin = "qingyang audit log"

// ErrCheckpoint reports a text that is no checkpoint of this log, or one that no known key signed.
var ErrCheckpoint = errors.New("检查点无效 (not a valid checkpoint)")

// Checkpoint says that at a time the log had Size records with this root. Signed and kept outside the database it is
// what a later log is held against.
type Checkpoint struct {
	Size int64
	Root Hash
	At   time.Time
}

// Sign returns c as a signed note: origin, size, root in base64 and time (RFC 3339, UTC, µs), a line each, then the
// signature.
func (c Checkpoint) Sign(k Key) ([]byte, error) {
	s, err := k.signer()
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %d: %w", c.Size, err)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n", origin, c.Size, c.Root, stamp(c.At))
	b, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %d: %w", c.Size, err)
	}
	return b, nil
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }

// OpenCheckpoint returns the checkpoint in the signed note b. It returns ErrCheckpoint unless one of keys signed it.
func OpenCheckpoint(b []byte, keys PublicKeys) (Checkpoint, error) {
	known, err := keys.verifiers()
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(b, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return parseCheckpoint(n.Text)
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] != origin {
		return Checkpoint{}, fmt.Errorf("%w: not of this log", ErrCheckpoint)
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	at, err3 := time.Parse(time.RFC3339Nano, lines[3])
	if err := errors.Join(err1, err2, err3); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if size < 0 {
		return Checkpoint{}, fmt.Errorf("%w: size %d", ErrCheckpoint, size)
	}
	return Checkpoint{Size: size, Root: root, At: at}, nil
}

func (p PublicKeys) verifiers() ([]note.Verifier, error) {
	var out []note.Verifier
	for id, public := range p {
		text, err := note.NewEd25519VerifierKey(id, public)
		if err != nil {
			return nil, fmt.Errorf("public key %q: %w", id, err)
		}
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, fmt.Errorf("public key %q: %w", id, err)
		}
		out = append(out, v)
	}
	return out, nil
}
