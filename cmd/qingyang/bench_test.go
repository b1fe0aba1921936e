package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
)

const (
	users     = 16
	livesEach = 20
	inHand    = 4 // items that a user goes on with by turns
)

// BenchmarkLives is whole lives a second: sixteen users at once, each leading one item after the other from its draft to its
// confirmed takedown through Desk, in one process with jobs, sequencer and index at work.
//
// Beside it stands the raw limit, raw-lives/s, measured in the same run right after it on the same engine: every row that
// those lives left in the database (items, revisions, decisions, acts, hands, findings, scans, audience, register, deliveries,
// log, tree, jobs), inserted by prepared statements into an empty house, with its constraints and triggers, in as many commits as the
// product made — counted by the engine itself, those of the queue and of the sequencer included, and on SQLite those that
// many moves shared as one. PostgreSQL is written by sixteen connections, SQLite by its one. Nothing is read or computed,
// and no row is written twice, though the product changes many of them several times. share-% is the product's part of it.
func BenchmarkLives(b *testing.B) {
	collectLess(terminal{env: os.Getenv})
	for _, e := range []struct {
		name string
		make func(*testing.B) *bed
	}{{"sqlite", sqliteBed}, {"postgres", postgresBed}} {
		b.Run(e.name, func(b *testing.B) {
			var shares, product, raw, work, rawWork []float64
			var commits int64
			for b.Loop() {
				left, p := thronged(b, e.make(b))
				r := replay(b, e.make(b), left)
				product, raw, shares = append(product, p.rate), append(raw, r.rate), append(shares, 100*p.rate/r.rate)
				work, rawWork = append(work, p.cpu), append(rawWork, r.cpu)
				commits = left.commits
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(middle(product), "lives/s")
			b.ReportMetric(middle(raw), "raw-lives/s")
			b.ReportMetric(middle(shares), "share-%")
			b.ReportMetric(middle(work), "cpu-ms/life")
			b.ReportMetric(middle(rawWork), "raw-cpu-ms/life")
			b.ReportMetric(float64(commits)/(users*livesEach), "commits/life")
		})
	}
}

// pace is how fast lives were, and the processor's time that this process took for each, in milliseconds.
type pace struct{ rate, cpu float64 }

// timed runs f for all lives.
func timed(b *testing.B, f func()) pace {
	b.Helper()
	at, before := time.Now(), cpuTime(b)
	f()
	took, cpu := time.Since(at), cpuTime(b)-before
	return pace{users * livesEach / took.Seconds(), float64(cpu.Microseconds()) / 1000 / (users * livesEach)}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func middle(xs []float64) float64 { return slices.Sorted(slices.Values(xs))[len(xs)/2] }

// bed is an empty furnished house with a connection of its own to its database.
type bed struct {
	env     []string
	sql     *sql.DB
	writers int
	commits func() int64 // made since the database was opened
}

func (d *bed) query(b *testing.B, text string, args ...any) (n int64) {
	b.Helper()
	if err := d.sql.QueryRowContext(b.Context(), text, args...).Scan(&n); err != nil {
		b.Fatal(text, err)
	}
	return n
}

func sqliteBed(b *testing.B) *bed {
	dir := furnished(b)
	file := filepath.Join(dir, "qingyang.db")
	d := &bed{env: []string{"QINGYANG_DATA", dir}, writers: 1}
	d.sql = opened(b, "sqlite-kept", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=busy_timeout(5000)&_txlock=immediate")
	d.sql.SetMaxOpenConns(1)
	d.query(b, `SELECT count(*) FROM items`) // opens the file, which makes the wal-index
	d.commits = func() int64 {
		head, err := os.ReadFile(file + "-shm") // the wal-index begins with its version, a gap, and the number of commits
		if err != nil {
			b.Fatal(err)
		}
		return int64(binary.NativeEndian.Uint32(head[8:12]))
	}
	return d
}

func postgresBed(b *testing.B) *bed {
	dir, dsn := b.TempDir(), servers.Postgres(b)
	file := filepath.Join(dir, "dsn")
	if err := os.WriteFile(file, []byte(dsn), 0o600); err != nil {
		b.Fatal(err)
	}
	d := &bed{env: []string{"QINGYANG_DATA", dir, "QINGYANG_POSTGRES_FILE", file}, sql: opened(b, "pgx", dsn), writers: users}
	d.sql.SetMaxIdleConns(users)
	d.commits = func() int64 { return d.query(b, `SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)`) }
	a := opening(b, d.env)
	if err := a.close(b.Context()); err != nil {
		b.Fatal(err)
	}
	return d
}

func opened(b *testing.B, driver, dsn string) *sql.DB {
	b.Helper()
	d, err := sql.Open(driver, dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	return d
}

func opening(b *testing.B, env []string) *app {
	b.Helper()
	c, err := readConfig("", environment(env...))
	if err != nil {
		b.Fatal(err)
	}
	a, err := open(b.Context(), c, wallClock, quiet(io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// way is a life after its draft.
var way = []step{
	{"wang", workflow.Submit},
	{"chen", workflow.UnitPass},
	{"zhao", workflow.SecrecyPass},
	{"sun", workflow.LeaderApprove},
	{"wu", workflow.Register},
	{"wu", workflow.Publish},
	{"li", workflow.Suspend},
	{"feng", workflow.ConfirmTakedown},
}

// thronged has the users lead their lives and returns what they left, and at what pace.
func thronged(b *testing.B, d *bed) (leftover, pace) {
	a := opening(b, d.env)
	if err := a.work(b.Context()); err != nil {
		b.Fatal(err)
	}
	c := &crew{a, map[string]workflow.Actor{}}
	for _, s := range append([]step{{"wang", ""}}, way...) {
		if _, ok := c.people[s.who]; !ok {
			c.people[s.who] = a.person(b, s.who)
		}
	}
	time.Sleep(time.Second) // what the start left to do
	floors, before := d.floors(b), d.commits()
	rate := timed(b, func() {
		var wg sync.WaitGroup
		for range users {
			wg.Go(func() {
				if err := c.lead(b.Context(), livesEach); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	})
	time.Sleep(time.Second) // the sequencer's last round
	left := leftover{commits: d.commits() - before}
	if err := a.close(context.WithoutCancel(b.Context())); err != nil {
		b.Fatal(err)
	}
	left.read(b, d, floors)
	return left, rate
}

// lead leads so many items through their lives as one user does: while one item waits for the program, the user goes on
// with another of those in hand.
func (c *crew) lead(ctx context.Context, n int) error {
	var lives []*errand
	for n > 0 || len(lives) > 0 {
		for ; n > 0 && len(lives) < inHand; n-- {
			v, err := c.begin(ctx)
			if err != nil {
				return err
			}
			lives = append(lives, &errand{v: v})
		}
		moved := false
		for _, l := range lives {
			ok, err := c.step(ctx, l)
			if err != nil {
				return err
			}
			moved = moved || ok
		}
		lives = slices.DeleteFunc(lives, func(l *errand) bool { return l.done == len(way) })
		if !moved {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

// errand is one item as it was last seen, how far it has come on its way, and when it was last looked at in vain.
type errand struct {
	v      *workflow.View
	done   int
	looked time.Time
}

// lookAgain is how soon a user looks again at an item that waits for the program.
const lookAgain = 50 * time.Millisecond

func (c *crew) begin(ctx context.Context) (*workflow.View, error) {
	return c.desk.Create(ctx, c.people["wang"], workflow.Content{
		Title: "检修通知", BodyHTML: "<p>因线路检修，二楼窗口照常办理业务。</p>", Disclosure: workflow.Disclosure{Kind: "active"},
		Channels:  []workflow.Window{{ID: "portal"}},
		SelfCheck: workflow.SelfCheck{NoSecret: true, NoSensitive: true, PrivacyMasked: true, ThirdParty: true, Accurate: true},
	})
}

// step makes the next move of an item; false if it still waits for the program: for the check, the pack, a channel to go dark.
func (c *crew) step(ctx context.Context, l *errand) (bool, error) {
	s := way[l.done]
	if time.Since(l.looked) < lookAgain {
		return false, nil
	}
	if s.e == workflow.UnitPass || s.e == workflow.Publish || s.e == workflow.ConfirmTakedown {
		v, err := c.desk.View(ctx, c.people[s.who], l.v.Item.ID)
		if errors.Is(err, workflow.ErrMissing) || err == nil && !offered(v, s.e) {
			l.looked = time.Now()
			return false, nil
		}
		if err != nil {
			return false, err
		}
		l.v = v
	}
	v, err := c.desk.Move(ctx, c.people[s.who], workflow.Move{
		Item: l.v.Item.ID, Version: l.v.Item.Version, Digest: l.v.Item.Digest, Event: s.e, Opinion: "同意", ReasonCode: "other", Reason: "理由充分",
	})
	l.v, l.done = v, l.done+1
	return true, err
}

func offered(v *workflow.View, e workflow.Event) bool {
	return slices.ContainsFunc(v.Offers, func(o workflow.Offer) bool { return o.Event == e && len(o.Blocked) == 0 })
}

// BenchmarkStart is how long the program takes from its start to its first answer, on an empty data folder and on one with the
// samples, and the anonymous memory that it holds half a minute later.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	for _, name := range []string{"empty", "samples"} {
		b.Run(name, func(b *testing.B) {
			var ready, held []float64
			for b.Loop() {
				at := time.Now()
				p := start(b, dir)
				ready = append(ready, float64(time.Since(at).Milliseconds()))
				time.Sleep(30 * time.Second)
				held = append(held, anonymous(b, p.cmd.Process.Pid))
				p.kill()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(middle(ready), "ready-ms")
			b.ReportMetric(middle(held), "anon-MB")
		})
	}
}

func anonymous(b *testing.B, pid int) (mb float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), "RssAnon:")
	if _, err := fmt.Sscan(line, &mb); err != nil {
		b.Fatal(err)
	}
	return mb / 1024
}

// leftover is what lives left in the database, in the order in which it can be inserted.
type leftover struct {
	commits int64
	texts   []string // one INSERT for each table
	rows    []row
}

type row struct {
	text int // of texts
	item int64
	args []any
}

// remains are the tables that lives write to. Rows of counters and those of the house itself stay out: they are few.
var remains = []struct{ table, item string }{
	{"items", "id"},
	{"revisions", "item"},
	{"decisions", "item"},
	{"acted", "item"},
	{"hands", "item"},
	{"findings", "item"},
	{"scans", "item"},
	{"audience", "item"},
	{"waits", "item"},
	{"register", "item"},
	{"deliveries", "item"},
	{"audit", "item"},
	{"tree", "(SELECT a.item FROM audit a WHERE a.id = x.audit)"},
	{"river_job", "0"},
}

// serial names the tables that had rows before, with the column that tells new ones.
var serial = map[string]string{"audit": "id", "tree": "seq", "river_job": "id"}

func (d *bed) floors(b *testing.B) map[string]int64 {
	out := map[string]int64{}
	for table, column := range serial {
		out[table] = d.query(b, `SELECT coalesce(max(`+column+`), -1) FROM `+table)
	}
	return out
}

func (l *leftover) read(b *testing.B, d *bed, floors map[string]int64) {
	for _, t := range remains {
		text := `SELECT x.*, ` + t.item + ` FROM ` + t.table + ` x`
		if c, ok := serial[t.table]; ok {
			text += fmt.Sprintf(` WHERE x.%s > %d ORDER BY x.%s`, c, floors[t.table], c)
		}
		if err := l.table(b, d, t.table, text); err != nil {
			b.Fatal(t.table, err)
		}
	}
	slices.SortStableFunc(l.rows, func(x, y row) int { return cmp.Compare(x.item, y.item) })
}

func (l *leftover) table(b *testing.B, d *bed, name, text string) error {
	rows, err := d.sql.QueryContext(b.Context(), text)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	columns = columns[:len(columns)-1]
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	l.texts = append(l.texts, `INSERT INTO `+name+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`)
	for n := int64(0); rows.Next(); n++ {
		r := row{text: len(l.texts) - 1, args: make([]any, len(columns))}
		dest := []any{}
		for i := range r.args {
			dest = append(dest, &r.args[i])
		}
		if err := rows.Scan(append(dest, &r.item)...); err != nil {
			return err
		}
		if name == "river_job" {
			r.item = 1 + n%(users*livesEach) // a job's item is in its arguments; which item it goes with makes no difference
		}
		l.rows = append(l.rows, r)
	}
	return rows.Err()
}

// replay writes what was left into an empty house and returns its pace.
func replay(b *testing.B, d *bed, l leftover) pace {
	shares := make([][]row, d.writers)
	for _, r := range l.rows {
		w := r.item % int64(d.writers)
		shares[w] = append(shares[w], r)
	}
	pens := make([]*pen, d.writers)
	for i := range pens {
		pens[i] = newPen(b, d, l.texts)
	}
	before := d.commits()
	rate := timed(b, func() {
		var wg sync.WaitGroup
		for i, p := range pens {
			wg.Go(func() {
				if err := p.write(b.Context(), shares[i], int(l.commits)/d.writers); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	})
	if n := d.commits() - before; n < l.commits*99/100 || n > l.commits*101/100+2 {
		b.Errorf("%d commits instead of %d", n, l.commits)
	}
	for _, p := range pens {
		_ = p.conn.Close()
	}
	return rate
}

// pen writes on one connection.
type pen struct {
	conn  *sql.Conn
	stmts []*sql.Stmt
	drop  *sql.Stmt // what waits for the sequencer is gone once the record is in the tree
}

func newPen(b *testing.B, d *bed, texts []string) *pen {
	c, err := d.sql.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	p := &pen{conn: c}
	for _, t := range append(texts, `DELETE FROM pending WHERE audit = $1`) {
		s, err := c.PrepareContext(b.Context(), t) //nolint:sqlclosecheck // it ends with the connection
		if err != nil {
			b.Fatal(t, err)
		}
		p.stmts = append(p.stmts, s)
	}
	p.drop, p.stmts = p.stmts[len(texts)], p.stmts[:len(texts)]
	return p
}

// write writes rows in so many commits of about the same size.
func (p *pen) write(ctx context.Context, rows []row, commits int) error {
	for i := range commits {
		tx, err := p.conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, r := range rows[len(rows)*i/commits : len(rows)*(i+1)/commits] {
			if _, err := tx.StmtContext(ctx, p.stmts[r.text]).ExecContext(ctx, r.args...); err != nil { //nolint:sqlclosecheck // it ends with the transaction
				return err
			}
			if remains[r.text].table == "tree" {
				if _, err := tx.StmtContext(ctx, p.drop).ExecContext(ctx, r.args[1]); err != nil { //nolint:sqlclosecheck // it ends with the transaction
					return err
				}
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
