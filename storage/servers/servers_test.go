package servers

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestPostgresGivesEmptyDatabases(t *testing.T) {
	for range 2 {
		dsn := Postgres(t)
		runtime.GC() // a pipe that nobody holds would be closed now, and the server with it
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `CREATE TABLE only_here (n BIGINT PRIMARY KEY)`); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMinIOAnswers(t *testing.T) {
	a, b := MinIO(t), MinIO(t)
	if a.Name == b.Name || a.URL != b.URL {
		t.Errorf("%v, %v", a, b)
	}
	if err := lists(t.Context(), strings.TrimPrefix(a.URL, "http://")); err != nil {
		t.Error(err)
	}
}

// A server ends when its starter dies without a word, and takes its folder along.
func TestNothingIsLeftBehind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := start(dir, nil, nil, "/bin/sh", "-c", "echo $$ >pid; exec sleep 60")
	if err != nil {
		t.Fatal(err)
	}
	pid := waitForPid(t, p)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder is still there: %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("server %d still runs: %v", pid, err)
	}
}

func TestReadyReportsTheLogOfAServerThatDied(t *testing.T) {
	dir := t.TempDir()
	p, err := start(dir, nil, nil, "/bin/sh", "-c", "echo no such setting >&2; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	err = p.ready(t.Context(), answers("unix", filepath.Join(dir, "nobody")))
	if err == nil || !strings.Contains(err.Error(), "no such setting") {
		t.Errorf("got %v", err)
	}
	if err := p.stop(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Error(err)
		}
	}
}

func waitForPid(t *testing.T, p *process) int {
	t.Helper()
	var pid int
	err := p.ready(t.Context(), func(context.Context) error {
		b, err := os.ReadFile(filepath.Join(p.dir, "pid"))
		if err != nil {
			return err
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(b)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
