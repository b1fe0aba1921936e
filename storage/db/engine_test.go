package db

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// proxy passes bytes to a server until it goes dead: then it says nothing, as a broken network does.
type proxy struct {
	net.Listener
	mu   sync.Mutex
	all  []net.Conn
	dead chan struct{}
	wg   sync.WaitGroup
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, dead: make(chan struct{})}
	p.wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.pass(in, out)
			p.pass(out, in)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.all {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

func (p *proxy) pass(to, from net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, to)
	p.wg.Go(func() {
		b := make([]byte, 32<<10)
		for {
			n, err := from.Read(b)
			if err != nil {
				return
			}
			select {
			case <-p.dead:
				continue
			default:
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
	})
}

// TestDeadNetwork: a PostgreSQL that no longer answers makes writers unavailable in bounded time, also those in the middle.
func TestDeadNetwork(t *testing.T) {
	dsn, err := url.Parse(servers.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, dsn.Host)
	dsn.Host = p.Addr().String()
	d := openPostgres(t, dsn.String())
	d.patience = 300 * time.Millisecond
	begun := time.Now()
	err = d.InTx(t.Context(), func(tx workflow.Tx) error {
		close(p.dead)
		return tx.Note(t.Context(), ledger.Record{})
	})
	if !errors.Is(err, workflow.ErrUnavailable) || time.Since(begun) > 3*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}

// TestDown: what means that the database is away, and what only that a statement was refused.
func TestDown(t *testing.T) {
	if down(errors.New("x")) || down(workflow.ErrStale) || !down(io.ErrUnexpectedEOF) || !down(&net.OpError{Op: "read", Err: io.EOF}) {
		t.Error("misjudged")
	}
}
