// Package servers starts real servers on loopback for tests: PostgreSQL, MinIO, slapd, clamd; and a real browser. One that
// this machine does not have skips the test with a line that says what to install; where CI=true it fails the test.
//
// Every server runs under a small shell that holds the read end of a pipe. When the pipe closes, be it that the test
// stops the server or that the test process dies in whatever way, the shell ends the server by its pid and removes its
// folder, so nothing is left behind.
package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to answer: PostgreSQL took 20 s on a loaded machine with two cores.
const patience = 2 * time.Minute

// keeper runs its arguments from the second on as a server with the folder of the first. SIGINT comes before SIGTERM
// because PostgreSQL waits for its clients on the latter; a program started by a shell in the background may ignore SIGINT.
const keeper = `exec 3<&0
dir=$1; shift
"$@" </dev/null 3<&- & pid=$!
( read -r _ <&3
  kill -INT $pid; kill -TERM $pid
  n=0; while [ $n -lt 200 ] && kill -0 $pid; do sleep 0.1; n=$((n+1)); done
  kill -KILL $pid ) 2>/dev/null & watch=$!
wait $pid
: >"$dir/exited"
while [ -z "$over" ]; do read -r _ <&3 || over=1; done
kill $watch 2>/dev/null
rm -rf "$dir"`

// process is a server that was started in a folder of its own.
type process struct {
	dir  string
	cmd  *exec.Cmd
	hold *os.File
}

// start runs argv in dir. Cred is the user to run as, nil for the present one.
func start(dir string, cred *syscall.Credential, env []string, argv ...string) (*process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // the child has its own
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	defer log.Close()                                                                         //nolint:errcheck // the child has its own
	cmd := exec.Command("/bin/sh", append([]string{"-c", keeper, "keeper", dir}, argv...)...) //nolint:noctx // the pipe ends it
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, r, log, log
	cmd.Env = append(os.Environ(), env...)
	// A group of its own keeps Ctrl-C away: the pipe closes anyway.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return &process{dir: dir, cmd: cmd, hold: w}, nil
}

// stop ends the server and returns when it is gone with its folder.
func (p *process) stop() error { return errors.Join(p.hold.Close(), p.cmd.Wait()) }

// ready calls ask until it returns nil, at most for the patience. It returns the server's log if that ended before.
func (p *process) ready(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		_, gone := os.Stat(filepath.Join(p.dir, "exited"))
		if gone == nil || ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			return fmt.Errorf("server did not start: %w\n%s", err, log)
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// answers returns a question that is answered once something listens on address.
func answers(network, address string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, address)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// attempts is how often a server is started anew: another process may have taken the free port in between.
const attempts = 3

// launch starts a server for tb by run, which gets an empty folder and a free port, and tries again with another port.
func launch(tb testing.TB, run func(dir string, port int) (*process, error)) (*process, int) {
	tb.Helper()
	var last error
	for range attempts {
		dir, err := os.MkdirTemp("", "qingyang-test-") //nolint:usetesting // the server may outlive the test
		if err != nil {
			tb.Fatal(err)
		}
		port, err := freePort(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		p, err := run(dir, port)
		if err == nil {
			return p, port
		}
		if p != nil {
			err = errors.Join(err, p.stop())
		}
		last = errors.Join(err, os.RemoveAll(dir))
	}
	tb.Fatal(last)
	return nil, 0
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// find returns the path of a program: the first match of the patterns, otherwise what PATH has. Without it the test is
// skipped, or fails where CI=true.
func find(tb testing.TB, program, install string, patterns ...string) string {
	tb.Helper()
	for _, pattern := range patterns {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[len(found)-1]
		}
	}
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing and CI tests it always: %s", program, install)
	}
	tb.Skipf("%s is not on this machine: %s", program, install)
	return ""
}
