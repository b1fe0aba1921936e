package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"qingyang/seeds/staff"
	"qingyang/workflow"
)

// childMark makes this test binary be the program, so that tests can kill it.
const childMark = "QINGYANG_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := run(ctx, os.Args[1:], terminal{os.Getenv, os.Stdin, os.Stdout, os.Stderr})
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func environment(kv ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == key {
				return kv[i+1]
			}
		}
		return ""
	}
}

// furnished makes a data folder with demo staff and configuration and no samples.
func furnished(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	c, err := readConfig("", environment("QINGYANG_DATA", dir))
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, wallClock, quiet(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is a running child.
type program struct {
	cmd *exec.Cmd
	url string
	log bytes.Buffer
}

func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// start runs the program on dir and returns once it is ready.
func start(t testing.TB, dir string, more ...string) *program {
	t.Helper()
	addr := freePort(t)
	p := &program{cmd: exec.Command(os.Args[0], "serve"), url: "http://" + addr}
	p.cmd.Env = append(os.Environ(), append(more, childMark+"=1", "QINGYANG_DATA="+dir, "QINGYANG_LISTEN="+addr)...)
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		r, err := http.Get(p.url + "/healthz")
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return p
		}
	}
	p.kill()
	t.Fatalf("not ready:\n%s", p.log.String())
	return nil
}

// kill ends the program as a power cut would.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// client is one person at the API.
type client struct {
	url, csrf string
	http      http.Client
}

type apiError struct {
	status int
	body   string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.status, e.body) }

// item is what tests read of an item.
type item struct {
	ID      int64  `json:"id"`
	Number  string `json:"number"`
	Version int64  `json:"version"`
	Digest  string `json:"digest"`
	State   workflow.State
	Moves   []struct {
		Event     workflow.Event
		BlockedBy []struct{ Code string } `json:"blocked_by"`
	}
	Deliveries []workflow.Delivery
}

func signIn(t testing.TB, url, account string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{url: url, http: http.Client{Jar: jar, Timeout: 30 * time.Second}}
	var out struct{ CSRF string }
	if err := c.call("POST", "/api/v1/session", map[string]string{"username": account, "password": staff.Password}, &out); err != nil {
		t.Fatalf("sign in %s: %v", account, err)
	}
	c.csrf = out.CSRF
	return c
}

func (c *client) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequest(method, c.url+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-CSRF-Token", c.csrf)
	a, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	if a.StatusCode >= 300 {
		return &apiError{a.StatusCode, string(b)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

func (c *client) item(id int64) (it item, err error) {
	err = c.call("GET", fmt.Sprint("/api/v1/items/", id), nil, &it)
	return it, err
}

func (c *client) move(it item, e workflow.Event) (out item, err error) {
	err = c.call("POST", fmt.Sprintf("/api/v1/items/%d/moves", it.ID), map[string]any{
		"event": e, "version": it.Version, "digest": it.Digest, "opinion": "同意", "reason": "理由充分", "reason_code": "other",
	}, &out)
	return out, err
}

func notice(title string, channels ...string) map[string]any {
	var cs []map[string]string
	for _, c := range channels {
		cs = append(cs, map[string]string{"id": c})
	}
	return map[string]any{
		"title": title, "body_html": "<p>因线路检修，二楼窗口照常办理业务。</p>", "disclosure": map[string]string{"kind": "active"},
		"channels": cs, "self_check": map[string]bool{"no_secret": true, "no_sensitive": true, "privacy_masked": true, "third_party": true, "accurate": true},
	}
}

// ready waits until the move is offered without obstacle.
func (c *client) ready(ctx context.Context, id int64, e workflow.Event) (item, error) {
	for {
		it, err := c.item(id)
		var ae *apiError
		if err != nil && !(errors.As(err, &ae) && ae.status == http.StatusNotFound) {
			return it, err
		}
		for _, m := range it.Moves {
			if m.Event == e && len(m.BlockedBy) == 0 {
				return it, nil
			}
		}
		select {
		case <-ctx.Done():
			return it, fmt.Errorf("%s of item %d in %s: %w", e, id, it.State, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}
