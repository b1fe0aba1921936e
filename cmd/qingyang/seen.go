package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"qingyang/workflow"
)

const (
	watchEvery  = 500 * time.Millisecond // a removal made on another node is remembered here within it
	watchMany   = 1000                   // records looked at in one go
	seenFile    = "seen.log"
	seenThrough = "@" // the subject of the line that has a position in the log instead of a time
)

// memory keeps workflow.Seen in a file beside the keys: "µs subject" a line, appended, the latest counts. Without it a
// database put back to where it stood before a takedown would show again what was taken down. A lost file is made anew from
// the log.
type memory struct {
	seen *workflow.Seen
	mu   sync.Mutex
	file *os.File
	next int64 // the first record that was not looked at
}

// openMemory reads the file. It is never written anew: several processes append to it, a line in one write.
func openMemory(keys string) (*memory, error) {
	m := &memory{}
	m.seen = workflow.NewSeen(m.keep)
	path := filepath.Join(keys, seenFile)
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("memory of the log: %w", err)
	}
	m.read(string(b))
	m.file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil && len(b) > 0 && b[len(b)-1] != '\n' {
		_, err = m.file.WriteString("\n")
	}
	return m, err
}

// read enters what the lines say. A last line that a crash cut short says nothing.
func (m *memory) read(text string) {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		number, subject, ok := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case !ok || err != nil || subject == "":
		case subject == seenThrough:
			m.next = n
		default:
			m.seen.Remember(subject, time.UnixMicro(n).UTC())
		}
	}
}

func (m *memory) keep(subject string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(at.UnixMicro(), subject)
}

func (m *memory) write(n int64, subject string) error {
	_, err := fmt.Fprintf(m.file, "%d %s\n", n, subject)
	if err = errors.Join(err, m.file.Sync()); err != nil {
		return fmt.Errorf("memory of the log: %w", err)
	}
	return nil
}

// follow looks at what the log has beyond what was looked at.
func (m *memory) follow(ctx context.Context, a *app) error {
	if err := m.rewind(ctx, a); err != nil {
		return err
	}
	for {
		entries, err := a.db.Audit(ctx, m.next-1, watchMany)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := m.seen.See(a.checker, e.Record); err != nil {
				return err
			}
		}
		m.next = entries[len(entries)-1].Seq + 1
	}
}

// rewind begins at the first record again if the log is shorter than what was looked at: it is a restored copy.
func (m *memory) rewind(ctx context.Context, a *app) error {
	if m.next == 0 {
		return nil
	}
	last, err := a.db.Audit(ctx, m.next-2, 1)
	if err == nil && len(last) == 0 {
		m.next = 0
	}
	return err
}

func (m *memory) close(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return errors.Join(m.write(m.next, seenThrough), m.file.Close())
}

// watch follows the log and replays what was kept aside, until close.
func (a *app) watch(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			if err := errors.Join(a.desk.Replay(ctx, a.log), a.memory.follow(ctx, a)); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "log not followed", slog.Any("error", err))
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	a.onClose(func(context.Context) error { stop(); <-done; return nil })
}

// openTrust opens what is kept outside the database beside the keys.
func (a *app) openTrust() (err error) {
	if a.spool, err = openSpool(a.conf.Keys); err != nil {
		return err
	}
	if a.memory, err = openMemory(a.conf.Keys); err != nil {
		return err
	}
	a.onClose(a.memory.close)
	return nil
}
