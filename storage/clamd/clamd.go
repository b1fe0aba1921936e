// Package clamd asks a ClamAV daemon whether content holds malware, by its INSTREAM command over a unix socket or TCP.
//
// The daemon answers "OK" for what it did not look at, too: it must be configured with AlertExceedsMax and
// AlertEncrypted, and the limit given to New must not be above its StreamMaxLength and MaxFileSize.
package clamd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// Errors of a Client. Content for which there is an error was not scanned, and is never to be taken for clean.
var (
	// ErrTooLarge reports content beyond what the daemon scans.
	ErrTooLarge = errors.New("文件过大，杀毒引擎不检查 (too large to be scanned)")
	// ErrUnavailable reports a daemon that gave no verdict.
	ErrUnavailable = errors.New("杀毒引擎暂不可用 (antivirus unavailable)")
)

const (
	dialTimeout = 3 * time.Second
	chunk       = 64 << 10
	maxAnswer   = 4 << 10
)

// Verdict is what the daemon said of content that it scanned whole. The zero Verdict is not clean.
type Verdict struct {
	Clean bool
	Name  string // of the malware, as the daemon calls it; empty when clean
}

// Client asks one daemon; each call has a connection of its own. Safe for concurrent use.
type Client struct {
	network, address string
	max              int64
}

// New returns a client of the daemon at address, unix:///path or tcp://host:port, that sends at most max bytes of one
// content. It contacts nothing.
func New(address string, max int64) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("clamd: not an address: %q", address)
	}
	switch {
	case max <= 0:
		return nil, fmt.Errorf("clamd: nothing could be scanned with a limit of %d bytes", max)
	case u.Scheme == "unix" && u.Host == "" && u.Path != "":
		return &Client{network: "unix", address: u.Path, max: max}, nil
	case u.Scheme == "tcp" && u.Port() != "":
		return &Client{network: "tcp", address: u.Host, max: max}, nil
	}
	return nil, fmt.Errorf("clamd: not an address: %q", address)
}

// Scan sends what r holds until its end and returns the verdict. It returns ErrTooLarge beyond the limits, the error of
// r, or ErrUnavailable.
func (c *Client) Scan(ctx context.Context, r io.Reader) (Verdict, error) {
	var answer string
	err := c.talk(ctx, func(conn net.Conn) error {
		sent := c.stream(conn, r)
		if errors.Is(sent, errSource) {
			return sent
		}
		// A daemon that has enough says so and hangs up, which breaks the sending: its answer counts all the same.
		var err error
		answer, err = receive(conn)
		return errors.Join(err, brokenUnlessAnswered(sent, answer))
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("antivirus: %w", err)
	}
	v, err := verdict(answer)
	if err != nil {
		return Verdict{}, fmt.Errorf("antivirus: %w", err)
	}
	return v, nil
}

// brokenUnlessAnswered keeps a verdict from being believed that came before all was sent, unless it is a bad one.
func brokenUnlessAnswered(sent error, answer string) error {
	if sent == nil || strings.HasSuffix(answer, found) || strings.HasSuffix(answer, failed) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, sent)
}

// Version returns the daemon's version and that of its signatures, such as ClamAV 1.4.6/27800/…, or ErrUnavailable.
func (c *Client) Version(ctx context.Context) (string, error) {
	var answer string
	err := c.talk(ctx, func(conn net.Conn) error {
		if _, err := conn.Write([]byte("zVERSION\x00")); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		var err error
		answer, err = receive(conn)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("antivirus version: %w", err)
	}
	return answer, nil
}

// talk opens a connection, which ends with ctx, for the time of do.
func (c *Client) talk(ctx context.Context, do func(net.Conn) error) error {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = do(conn)
	stop()
	_ = conn.Close() // the answer is in
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
	return err
}

// errSource marks an error of the content's own reader.
var errSource = errors.New("content could not be read")

// stream sends r in chunks, each after its length, and a length of 0 at the end.
func (c *Client) stream(w io.Writer, r io.Reader) error {
	if _, err := w.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	buf := make([]byte, 4+chunk)
	for left := c.max; ; {
		n, err := io.ReadFull(r, buf[4:])
		if left -= int64(n); left < 0 {
			return fmt.Errorf("%w: %w: more than %d bytes", errSource, ErrTooLarge, c.max)
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %w", errSource, err)
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n)) //nolint:gosec // at most a chunk
			if _, err := w.Write(buf[:4+n]); err != nil {
				return err
			}
		}
		if err != nil {
			_, err := w.Write(make([]byte, 4))
			return err
		}
	}
}

// receive returns the daemon's answer, which ends with a zero byte; an unfinished one is none.
func receive(conn io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	answer, _, whole := bytes.Cut(b, []byte{0})
	if !whole {
		return "", fmt.Errorf("%w: no answer: %w", ErrUnavailable, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return string(answer), nil
}

const (
	found  = " FOUND"
	failed = " ERROR"
)

// verdict reads an answer: whatever is neither a plain OK nor a finding is an error.
func verdict(answer string) (Verdict, error) {
	said, ours := strings.CutPrefix(answer, "stream: ")
	name, bad := strings.CutSuffix(said, found)
	switch {
	case ours && said == "OK":
		return Verdict{Clean: true}, nil
	case ours && bad && name != "":
		return Verdict{Name: name}, nil
	case strings.Contains(answer, "size limit exceeded"):
		return Verdict{}, fmt.Errorf("%w: %q", ErrTooLarge, answer)
	}
	return Verdict{}, fmt.Errorf("%w: %q", ErrUnavailable, answer)
}
