package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Errors of signatures.
var (
	// ErrUnknownKey reports a signature by a key that is not among the public keys.
	ErrUnknownKey = errors.New("签名密钥未登记 (unknown signing key)")
	// ErrSignature reports a signature that does not hold.
	ErrSignature = errors.New("签名不符 (signature does not hold)")
)

const (
	algEd25519 = 1
	// domain keeps a signature over a decision from ever passing as one over a checkpoint, which has its own first line.
	domain = "qingyang decision v1\n"
)

// Key is an Ed25519 key (RFC 8032) that lives in a file outside the database. ID names it by its public half; after a
// change of keys the old public halves stay in PublicKeys, so that old signatures hold. The zero Key can't sign.
type Key struct {
	ID      string
	private ed25519.PrivateKey
}

// NewKey returns a new key made from 32 bytes of rand.
func NewKey(rand io.Reader) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return Key{}, fmt.Errorf("make signing key: %w", err)
	}
	return keyOf(ed25519.NewKeyFromSeed(seed)), nil
}

func keyOf(private ed25519.PrivateKey) Key {
	return Key{ID: keyID(private.Public().(ed25519.PublicKey)), private: private}
}

func keyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return "qingyang-" + hex.EncodeToString(sum[:8])
}

// Load returns the key that Marshal wrote; space around it is ignored.
func Load(file []byte) (Key, error) {
	text := strings.TrimSpace(string(file))
	if _, err := note.NewSigner(text); err != nil {
		return Key{}, fmt.Errorf("load signing key: %w", err)
	}
	// PRIVATE+KEY+name+hash+base64, where the last may itself contain plus signs.
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(text, "+", 5)[4])
	if err != nil {
		return Key{}, fmt.Errorf("load signing key: %w", err)
	}
	k := keyOf(ed25519.NewKeyFromSeed(raw[1:]))
	if !strings.HasPrefix(text, "PRIVATE+KEY+"+k.ID+"+") {
		return Key{}, errors.New("load signing key: the name is not that of the key")
	}
	return k, nil
}

// Marshal returns the key as one line of text: a note signer key (golang.org/x/mod/sumdb/note). It is secret.
func (k Key) Marshal() []byte {
	raw := append([]byte{algEd25519}, k.private.Seed()...)
	hash := strings.SplitN(k.Public(), "+", 3)[1]
	return fmt.Appendf(nil, "PRIVATE+KEY+%s+%s+%s\n", k.ID, hash, base64.StdEncoding.EncodeToString(raw))
}

// Public returns the public half as one line of text, a note verifier key, without a line end.
func (k Key) Public() string {
	text, err := note.NewEd25519VerifierKey(k.ID, k.private.Public().(ed25519.PublicKey))
	if err != nil {
		panic(err) // an ID made by keyID is a valid name
	}
	return text
}

// Sign returns the signature over msg in base64.
func (k Key) Sign(msg []byte) string {
	return base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, append([]byte(domain), msg...)))
}

// Format writes the ID alone, whatever the verb: the private half never gets into a log.
func (k Key) Format(w fmt.State, _ rune) { fmt.Fprint(w, k.ID) }

// signer returns k as a signer of notes.
func (k Key) signer() (note.Signer, error) {
	return note.NewSigner(strings.TrimSpace(string(k.Marshal())))
}

// PublicKeys are the public halves of keys by ID, past ones included.
type PublicKeys map[string]ed25519.PublicKey

// ParsePublicKeys reads a text with one public key a line, as Key.Public writes it. Empty lines and lines that begin
// with # are ignored.
func ParsePublicKeys(text string) (PublicKeys, error) {
	keys := PublicKeys{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := keys.add(line); err != nil {
			return nil, fmt.Errorf("public key in line %d: %w", i+1, err)
		}
	}
	return keys, nil
}

func (p PublicKeys) add(line string) error {
	if _, err := note.NewVerifier(line); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(line, "+", 3)[2])
	if err != nil {
		return err
	}
	public := ed25519.PublicKey(raw[1:])
	if id := keyID(public); strings.HasPrefix(line, id+"+") {
		p[id] = public
		return nil
	}
	return errors.New("the name is not that of the key")
}

// Verify returns nil if sig is the signature of key id over msg, otherwise ErrUnknownKey or ErrSignature.
func (p PublicKeys) Verify(id string, msg []byte, sig string) error {
	public, ok := p[id]
	if !ok {
		return fmt.Errorf("%w: %q", ErrUnknownKey, id)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(sig)
	if err != nil || !ed25519.Verify(public, append([]byte(domain), msg...), raw) {
		return fmt.Errorf("%w: %q", ErrSignature, id)
	}
	return nil
}

// VerifyRecord returns nil if r was signed by Signed and not changed since, otherwise ErrUnknownKey or ErrSignature.
// A record without a signature is ErrUnknownKey.
func (p PublicKeys) VerifyRecord(r Record) error {
	return p.Verify(r.Key, r.Unsigned().Bytes(), r.Sig)
}
