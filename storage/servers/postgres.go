package servers

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// postgres is the one server of a test process; it ends with the process.
var postgres struct {
	sync.Mutex
	process *process // kept, since its pipe would be closed with it
	port    int
	last    int
}

// Postgres returns the connection string of a fresh, empty database (UTF-8, C.UTF-8), which is dropped when the test
// ends. The server is shared by the tests of a process and syncs to disk as it would in service.
func Postgres(tb testing.TB) string {
	tb.Helper()
	bin := filepath.Dir(find(tb, "initdb", "apt-get install postgresql", "/usr/lib/postgresql/*/bin/initdb"))
	postgres.Lock()
	defer postgres.Unlock()
	if postgres.port == 0 {
		postgres.process, postgres.port = launch(tb, func(dir string, port int) (*process, error) {
			return startPostgres(tb.Context(), bin, dir, port)
		})
	}
	postgres.last++
	name, port := fmt.Sprintf("t%d", postgres.last), postgres.port
	if err := admin(tb.Context(), port, `CREATE DATABASE `+name+` TEMPLATE template1`); err != nil {
		tb.Fatalf("create database: %v", err)
	}
	tb.Cleanup(func() {
		if err := admin(context.WithoutCancel(tb.Context()), port, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Errorf("drop database: %v", err)
		}
	})
	return dsn(port, name)
}

func dsn(port int, name string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", loopback(port), name)
}

func admin(ctx context.Context, port int, statement string) error {
	db, err := sql.Open("pgx", dsn(port, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // one statement was asked of it
	_, err = db.ExecContext(ctx, statement)
	return err
}

func startPostgres(ctx context.Context, bin, dir string, port int) (*process, error) {
	cred, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: cred}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	p, err := start(dir, cred, nil, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300")
	if err != nil {
		return nil, err
	}
	return p, p.ready(ctx, func(ctx context.Context) error { return admin(ctx, port, `SELECT 1`) })
}

// unprivileged returns the user postgres and gives it dir if we are root, which the server refuses to run as.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}
