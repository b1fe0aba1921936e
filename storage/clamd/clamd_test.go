package clamd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"qingyang/storage/clamd"
	"qingyang/storage/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// eicar is the harmless test file of all scanners, in two parts so that none is alarmed by this source.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

func open(t testing.TB, address string, limit int64) *clamd.Client {
	t.Helper()
	c, err := clamd.New(address, limit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRealDaemon(t *testing.T) {
	av := servers.Clamd(t)
	for _, address := range []string{av.Unix, av.TCP} {
		for name, c := range map[string]struct {
			limit   int64
			content string
			want    clamd.Verdict
			err     error
		}{
			"clean":                {av.Max, "政务公开", clamd.Verdict{Clean: true}, nil},
			"empty":                {av.Max, "", clamd.Verdict{Clean: true}, nil},
			"malware":              {av.Max, eicar, clamd.Verdict{Name: "Test.Eicar.UNOFFICIAL"}, nil},
			"as large as may be":   {av.Max, strings.Repeat("x", int(av.Max)-1), clamd.Verdict{Clean: true}, nil},
			"too large for us":     {1000, strings.Repeat("x", 1001), clamd.Verdict{}, clamd.ErrTooLarge},
			"too large for clamd":  {av.Max * 8, strings.Repeat("x", int(av.Max)+1), clamd.Verdict{}, clamd.ErrTooLarge},
			"far too large for it": {av.Max * 8, strings.Repeat("x", int(av.Max)*6), clamd.Verdict{}, clamd.ErrTooLarge},
		} {
			got, err := open(t, address, c.limit).Scan(t.Context(), strings.NewReader(c.content))
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s, %s: got %+v, %v; want %+v, %v", address, name, got, err, c.want, c.err)
			}
		}
		if v, err := open(t, address, 1).Version(t.Context()); err != nil || !strings.HasPrefix(v, "ClamAV ") {
			t.Errorf("version: %q, %v", v, err)
		}
	}
}

// daemon is one that reads a whole request and says answer, or hangs up at once.
func daemon(t *testing.T, answer string, hangUp bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if !hangUp {
				drain(conn)
			}
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "tcp://" + l.Addr().String()
}

func drain(r io.Reader) {
	_, err := io.CopyN(io.Discard, r, int64(len("zINSTREAM\x00")))
	for err == nil {
		var n uint32
		if err = binary.Read(r, binary.BigEndian, &n); err != nil || n == 0 {
			return
		}
		_, err = io.CopyN(io.Discard, r, int64(n))
	}
}

// Whatever is not a whole, plain answer is not clean.
func TestOddAnswersAreNeverClean(t *testing.T) {
	for _, c := range []struct {
		answer string
		hangUp bool
		want   clamd.Verdict
		err    error
	}{
		{"stream: OK\x00", false, clamd.Verdict{Clean: true}, nil},
		{"stream: A b FOUND\x00", false, clamd.Verdict{Name: "A b"}, nil},
		{"stream: OK", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"OK\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"stream:  FOUND\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"stream: not OK\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"UNKNOWN COMMAND\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"stream: Can't allocate memory ERROR\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"INSTREAM size limit exceeded. ERROR\x00", false, clamd.Verdict{}, clamd.ErrTooLarge},
		{strings.Repeat("x", 10_000) + "\x00", false, clamd.Verdict{}, clamd.ErrUnavailable},
		{"", true, clamd.Verdict{}, clamd.ErrUnavailable},
		{"stream: OK\x00", true, clamd.Verdict{}, clamd.ErrUnavailable},
	} {
		// More than the sockets hold, so that a daemon that hangs up is noticed while sending.
		content := bytes.NewReader(make([]byte, 30<<20))
		got, err := open(t, daemon(t, c.answer, c.hangUp), 40<<20).Scan(t.Context(), content)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%.40q: got %+v, %v; want %+v, %v", c.answer, got, err, c.want, c.err)
		}
	}
}

func TestBrokenContent(t *testing.T) {
	lost := errors.New("line lost")
	r := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(lost))
	got, err := open(t, daemon(t, "stream: OK\x00", false), 100).Scan(t.Context(), r)
	if got != (clamd.Verdict{}) || !errors.Is(err, lost) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNobodyThere(t *testing.T) {
	for _, address := range []string{"tcp://127.0.0.1:1", "unix:///nowhere/socket"} {
		if got, err := open(t, address, 10).Scan(t.Context(), strings.NewReader("x")); got.Clean || !errors.Is(err, clamd.ErrUnavailable) {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
		if _, err := open(t, address, 10).Version(t.Context()); !errors.Is(err, clamd.ErrUnavailable) {
			t.Errorf("%s: version: %v", address, err)
		}
	}
}

func TestSilentDaemonEndsWithTheContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, err := open(t, "tcp://"+l.Addr().String(), 10).Scan(ctx, strings.NewReader("x"))
	if got.Clean || !errors.Is(err, clamd.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"", "/run/clamd", "unix://", "tcp://127.0.0.1", "http://127.0.0.1:1", "unix://host/path"} {
		if _, err := clamd.New(address, 1); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
	if _, err := clamd.New("tcp://127.0.0.1:3310", 0); err == nil {
		t.Error("a limit of nothing was taken")
	}
}
