package main

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"qingyang/workflow"
)

// found holds that verify reports what was done to the rows.
func (d administered) found(t *testing.T, what string) {
	t.Helper()
	if _, err := d.db.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := d.verify(t.Context(), terminal{out: &out, err: &out}, "", false); code != exitFound {
		t.Errorf("%s: verify ends with %d: %s", what, code, out.String())
	}
}

// free lets the administrator change what is append-only.
func (d administered) free(t *testing.T) {
	t.Helper()
	if err := unguard(t.Context(), d.sql); err == nil {
		return
	}
	for _, table := range []string{"decisions", "revisions", "audit", "tree"} {
		d.exec(t, `ALTER TABLE `+table+` DISABLE TRIGGER USER`)
	}
}

// kept remembers the rows of some tables as they are now; back writes them as they were.
func (d administered) kept(t *testing.T, tables ...string) (back func()) {
	t.Helper()
	for _, name := range tables {
		d.exec(t, `CREATE TABLE kept_`+name+` AS SELECT * FROM `+name)
	}
	return func() {
		for _, name := range tables {
			d.exec(t, `DELETE FROM `+name, `INSERT INTO `+name+` SELECT * FROM kept_`+name, `DROP TABLE kept_`+name)
		}
	}
}

// TestAdministratorPublishes: rows alone bring no unapproved text onto the portal. Mutant: genuine not asked before a move.
func TestAdministratorPublishes(t *testing.T) {
	onEngines(t, func(t *testing.T, d administered) {
		d.free(t)
		up := d.published(t)
		id := d.draft(t, "", "<p>未经审查的内容</p>", nil)
		d.goOn(t, id, toAir[:2]...)
		v := d.wait(t, id, "zhao", workflow.SecrecyPass)
		for _, s := range []string{
			`UPDATE items SET state = 'approved' WHERE id = $1`,
			`UPDATE items SET state = 'leader_approval', word = (SELECT word FROM items WHERE id = $2) WHERE id = $1`,
			`INSERT INTO decisions (item, n, person, at, body) SELECT CAST($1 AS BIGINT), n + 100, person, at, body FROM decisions WHERE item = $2`,
			`UPDATE items SET state = 'published' WHERE id = $1`,
			`INSERT INTO deliveries (item, channel, want, have, gen, shown, tries, error, at, lease)
				SELECT CAST($1 AS BIGINT), 'portal', (SELECT digest FROM items WHERE id = $1), (SELECT digest FROM items WHERE id = $1), 1, 'live', 0, '', 0, 0 FROM items WHERE id = $2`,
		} {
			s = strings.NewReplacer("$1", strconv.FormatInt(int64(id), 10), "$2", strconv.FormatInt(int64(up), 10)).Replace(s)
			d.exec(t, s)
			for who, e := range map[string]workflow.Event{"zhao": workflow.SecrecyPass, "sun": workflow.LeaderApprove, "wu": workflow.Publish} {
				if err := d.ask(t.Context(), v, who, e); err == nil {
					t.Errorf("%s passes after %s", e, s)
				}
			}
			if d.onAir(t, id) {
				t.Fatalf("on the portal after %s", s)
			}
		}
		d.found(t, "unapproved text")
	})
}

// TestAdministratorRevives: what was suspended stays dark though every row is put back as it was, decisions and all, and a halted
// channel stays halted though its row is. Mutants: Unproven without Seen; Standing without Seen; without the word.
func TestAdministratorRevives(t *testing.T) {
	onEngines(t, func(t *testing.T, d administered) {
		d.free(t)
		up := d.published(t)
		stay := d.published(t)
		back := d.kept(t, "decisions", "deliveries")
		d.exec(t, `CREATE TABLE kept_channels AS SELECT * FROM channels`)
		d.exec(t, `CREATE TABLE kept_item AS SELECT * FROM items WHERE id = `+strconv.FormatInt(int64(up), 10))
		d.goOn(t, up, step{"wu", workflow.Suspend})
		eventually(t, "dark", func() bool { return !d.onAir(t, up) })
		back()
		d.exec(t, `UPDATE items SET state = k.state, round = k.round, digest = k.digest, version = k.version, since = k.since, due = k.due, word = k.word,
			undisposed = k.undisposed FROM kept_item k WHERE k.id = items.id`)
		if d.onAir(t, up) {
			t.Fatal("a suspended item is back on the portal")
		}
		if !d.onAir(t, stay) {
			t.Error("the other item went dark")
		}
		d.found(t, "revived")

		if err := d.desk.Halt(t.Context(), d.people["wu"], "portal", "页面异常"); err != nil {
			t.Fatal(err)
		}
		for _, revive := range []func(){
			func() { d.exec(t, `UPDATE channels SET state = 'live', by_person = '' WHERE id = 'portal'`) },
			func() {
				d.exec(t, `UPDATE channels SET state = 'live', gen = 0, word = (SELECT word FROM kept_channels WHERE id = 'portal') WHERE id = 'portal'`)
			},
		} {
			revive()
			if ch, err := d.shelf.Channel(t.Context(), "portal"); err != nil || ch.State != workflow.ChannelHalted || d.onAir(t, stay) {
				t.Errorf("a halted channel shows: %s, %v", ch.State, err)
			}
		}
	})
}

// TestAdministratorLeads: nobody becomes a leader by rows: not by a grant, not by another's word, not by a leader's keys or account.
// Mutants: grantsGenuine without the keys; without the person; Actor without the comparison of the account.
func TestAdministratorLeads(t *testing.T) {
	onEngines(t, func(t *testing.T, d administered) {
		for _, s := range []string{
			`INSERT INTO grants (person, role, scope, pos) VALUES ('li', 'leader', '', 9)`,
			`UPDATE people SET word = (SELECT p.word FROM people p WHERE p.id = 'sun') WHERE id = 'li'`,
			`UPDATE accounts SET person = 'sun' WHERE account = 'li'`,
			`DELETE FROM person_keys WHERE person = 'sun'`,
			`UPDATE person_keys SET person = 'sun' WHERE person = 'li'`,
		} {
			d.exec(t, s)
			in, err := d.desk.SignIn(t.Context(), workflow.Try{Account: "li", Password: "Qingyang-demo-1", Address: "127.0.0.1"})
			if err != nil {
				continue
			}
			a, _, err := d.desk.Actor(t.Context(), in.Token, "127.0.0.1")
			if err == nil && (a.Has(workflow.Leader, "") || a.Has(workflow.Chief, "")) {
				t.Errorf("leads after %s", s)
			}
		}
		d.found(t, "a leader by rows")
	})
}

// TestAdministratorSwapsAndAccepts: other renditions and other verdicts than those that were signed stop the item.
// Mutants: Findings or Text left out of Rows.
func TestAdministratorSwapsAndAccepts(t *testing.T) {
	onEngines(t, func(t *testing.T, d administered) {
		d.free(t)
		up := d.published(t)
		d.exec(t, `UPDATE revisions SET body = replace(body, '"sha256":"', '"sha256":"0') WHERE item = `+strconv.FormatInt(int64(up), 10))
		if d.onAir(t, up) {
			t.Error("other renditions are shown")
		}
		id := d.draft(t, "", "<p>咨询电话 13800001234</p>", nil)
		d.goOn(t, id, toAir[:2]...)
		v := d.wait(t, id, "zhao", workflow.Return)
		if v.Item.Open == 0 {
			t.Fatal("nothing to accept: the test proves nothing")
		}
		d.exec(t, `UPDATE findings SET body = replace(body, '"revision":', '"verdict":"accept","reason":"误报","by":"zhao","revision":') WHERE item = `+strconv.FormatInt(int64(id), 10),
			`UPDATE items SET undisposed = 0 WHERE id = `+strconv.FormatInt(int64(id), 10))
		if err := d.ask(t.Context(), v, "zhao", workflow.SecrecyPass); err == nil {
			t.Error("passed on verdicts that nobody gave")
		}
		d.found(t, "swapped and accepted")
	})
}
