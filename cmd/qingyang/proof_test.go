package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qingyang/ui/api"
)

// TestCheckProof: the proof of a record holds under the checkpoint; with another leaf, hash, place or size it does not.
func TestCheckProof(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	env := environment("QINGYANG_DATA", data)
	c, err := readConfig("", env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, wallClock, quiet(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.db.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	head, err := a.db.Head(t.Context())
	if err != nil || head.Size < 3 {
		t.Fatalf("%+v, %v", head, err)
	}
	leaf, hashes, err := a.db.ProveRecord(t.Context(), head.Size, 1)
	if err != nil {
		t.Fatal(err)
	}
	head.At = wallClock()
	note, err := head.Sign(a.signer.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(a.checkpoint(), note, 0o600), a.close(t.Context())); err != nil {
		t.Fatal(err)
	}
	whole := api.Proof{Seq: 1, Size: head.Size, Leaf: string(leaf)}
	for _, h := range hashes {
		whole.Hashes = append(whole.Hashes, h.String())
	}
	file := filepath.Join(t.TempDir(), "proof.json")
	for name, x := range map[string]struct {
		change func(*api.Proof)
		code   int
		say    string
	}{
		"whole":         {func(*api.Proof) {}, exitDone, "the record is in the log"},
		"another leaf":  {func(p *api.Proof) { p.Leaf = strings.Replace(p.Leaf, `{"at"`, `{"At"`, 1) }, exitFound, "proof does not hold"},
		"another place": {func(p *api.Proof) { p.Seq = 2 }, exitFound, "proof does not hold"},
		"a hash less":   {func(p *api.Proof) { p.Hashes = p.Hashes[1:] }, exitFound, "proof does not hold"},
		"another size":  {func(p *api.Proof) { p.Size-- }, exitFail, "different sizes"},
		"no hash":       {func(p *api.Proof) { p.Hashes = []string{"?"} }, exitFail, file},
	} {
		p := whole
		x.change(&p)
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { say(t, env, "ledger", "check", file).want(t, x.code, x.say) })
	}
}
