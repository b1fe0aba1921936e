package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Record is one record of the log at its place.
type Record struct {
	Seq        int64             `json:"seq"`
	At         time.Time         `json:"at"`
	Person     string            `json:"person"`
	Name       string            `json:"name"`
	Role       string            `json:"role"`
	OnBehalfOf string            `json:"on_behalf_of,omitempty"`
	Event      string            `json:"event"`
	Item       int64             `json:"item,omitempty"`
	Revision   int               `json:"revision,omitempty"`
	Round      int               `json:"round,omitempty"`
	Digest     string            `json:"digest,omitempty"`
	From       string            `json:"from,omitempty"`
	To         string            `json:"to,omitempty"`
	Result     string            `json:"result"`
	Reasons    []string          `json:"reasons,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Address    string            `json:"address"`
	Detail     map[string]string `json:"detail,omitempty"`
	Key        string            `json:"key,omitempty"`
	Sig        string            `json:"sig,omitempty"`
}

func recordOf(e workflow.Entry) Record {
	r := e.Record
	return Record{
		Seq: e.Seq, At: r.At, Person: r.Person, Name: r.Name, Role: r.Role, OnBehalfOf: r.OnBehalf, Event: r.Event, Item: r.Item,
		Revision: r.Revision, Round: r.Round, Digest: r.Digest, From: r.From, To: r.To, Result: r.Result, Reasons: r.Reasons,
		Reason: r.Reason, Address: r.Address, Detail: r.Detail, Key: r.Key, Sig: r.Sig,
	}
}

// audit answers the records after the place named by after, from the first one without it.
func (a *API) audit(c *gate.Call) error {
	limit, err := c.Limit(normalPage)
	if err != nil {
		return err
	}
	after, err := c.QueryNumber("after", -1)
	if err != nil {
		return err
	}
	es, err := a.Desk.Audit(c.Request().Context(), c.Actor, after, limit)
	if err != nil {
		return err
	}
	var out []Record
	for _, e := range es {
		out = append(out, recordOf(e))
	}
	next := ""
	if len(out) == limit {
		next = strconv.FormatInt(out[limit-1].Seq, 10)
	}
	return c.JSON(http.StatusOK, list(out, next))
}

// Checkpoint is the signed head of the log: the note is what to keep outside.
type Checkpoint struct {
	Note string `json:"note"`
}

func (a *API) checkpoint(c *gate.Call) error {
	b, err := a.Log.Checkpoint(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Checkpoint{string(b)})
}

// Proof shows that the record with Leaf as its bytes is number Seq of the first Size: the hashes of RFC 6962, 2.1.1, in base64.
type Proof struct {
	Seq    int64    `json:"seq"`
	Size   int64    `json:"size"`
	Leaf   string   `json:"leaf"`
	Hashes []string `json:"hashes"`
}

func (a *API) proof(c *gate.Call) error {
	seq, err := c.QueryNumber("seq", -1)
	if err != nil {
		return err
	}
	size, err := c.QueryNumber("size", -1)
	if err != nil {
		return err
	}
	var n needed
	n.ask(seq >= 0, "missing", "seq")
	n.ask(size >= 0, "missing", "size")
	if err := n.err(); err != nil {
		return err
	}
	leaf, p, err := a.Log.ProveRecord(c.Request().Context(), size, seq)
	if errors.Is(err, ledger.ErrProof) {
		return gate.Invalid("no_proof", "seq")
	}
	if err != nil {
		return fmt.Errorf("prove record %d: %w", seq, err)
	}
	hs := []string{}
	for _, h := range p {
		hs = append(hs, h.String())
	}
	return c.JSON(http.StatusOK, Proof{seq, size, string(leaf), hs})
}
