package db

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"qingyang/workflow"
)

const (
	recallEach  = 8 << 10 // bytes of a text that is remembered; longer ones are read anew each time
	recallBytes = 1 << 20 // of all texts of one generation
)

// recall reads texts of one kind and remembers what they say, by the text itself: what a text says can't change, whatever the
// database does, so there is nothing to be kept up. A case is read some thirty times in its life, and most of it is the same each
// time. It keeps two generations and forgets the elder when the younger is full. Safe for concurrent use.
type recall[T any] struct {
	parse      func(string) (T, error)
	own        func(T) T // returns a copy that its receiver may change; nil if plain copying makes one
	mu         sync.Mutex
	young, old map[string]T
	bytes      int // of the texts in young
}

// recalls are those of what a case is made of.
type recalls struct {
	revisions  recall[workflow.Revision]
	routes     recall[workflow.Route]
	scans      recall[workflow.Scan]
	decisions  recall[workflow.Decision]
	findings   recall[workflow.Finding]
	hands      recall[[]workflow.Hand]
	audiences  recall[[]string]
	deliveries recall[[]workflow.Delivery]
	channels   recall[[]workflow.Channel]
}

func newRecalls() *recalls {
	k := &recalls{}
	k.revisions = recall[workflow.Revision]{parse: parsed[workflow.Revision], own: ownRevision}
	k.routes = recall[workflow.Route]{parse: parsed[workflow.Route]}
	k.scans = recall[workflow.Scan]{parse: parsed[workflow.Scan]}
	k.decisions = recall[workflow.Decision]{parse: parsed[workflow.Decision]}
	k.findings = recall[workflow.Finding]{parse: parsed[workflow.Finding]}
	k.hands = recall[[]workflow.Hand]{parse: parseHands, own: slices.Clone[[]workflow.Hand]}
	k.audiences = recall[[]string]{parse: parseAudience, own: slices.Clone[[]string]}
	k.deliveries = recall[[]workflow.Delivery]{parse: lists(deliveryDest), own: slices.Clone[[]workflow.Delivery]}
	k.channels = recall[[]workflow.Channel]{parse: lists(listedChannel), own: slices.Clone[[]workflow.Channel]}
	return k
}

func parsed[T any](text string) (v T, err error) {
	err = json.Unmarshal([]byte(text), &v)
	return v, err
}

// lists reads a JSON list of lists, each into what dest says of one T.
func lists[T any](dest func(*T) []any) func(string) ([]T, error) {
	return func(text string) (vs []T, err error) {
		rows, err := parsed[[]json.RawMessage](text)
		for _, row := range rows {
			var v T
			if err = listed(row, dest(&v)); err != nil {
				return nil, err
			}
			vs = append(vs, v)
		}
		return vs, err
	}
}

// parseHands reads a list of keys and one of their duties.
func parseHands(text string) ([]workflow.Hand, error) {
	columns, err := parsed[[2][]string](text)
	if err == nil && len(columns[0]) != len(columns[1]) {
		err = fmt.Errorf("%d keys with %d duties", len(columns[0]), len(columns[1]))
	}
	if err != nil {
		return nil, err
	}
	var hs []workflow.Hand
	for i, key := range columns[0] {
		hs = append(hs, workflow.Hand{Key: key, Duty: workflow.Duty(columns[1][i])})
	}
	slices.SortFunc(hs, func(x, y workflow.Hand) int { return strings.Compare(x.Key, y.Key) })
	return hs, nil
}

// parseAudience reads a list of keys.
func parseAudience(text string) ([]string, error) {
	columns, err := parsed[[1][]string](text)
	slices.Sort(columns[0])
	return columns[0], err
}

// configured reads what a channel is configured as; what else is listed of it says what it is now.
type configured struct{ c *workflow.Channel }

// UnmarshalJSON implements json.Unmarshaler.
func (c *configured) UnmarshalJSON(b []byte) error {
	var body string
	if err := json.Unmarshal(b, &body); err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), c.c)
}

func listedChannel(c *workflow.Channel) []any {
	return append([]any{&configured{c}}, channelDest(c)...)
}

// read returns what text says.
func (r *recall[T]) read(text string) (T, error) {
	if v, ok := r.find(text); ok {
		return r.copy(v), nil
	}
	v, err := r.parse(text)
	if err != nil || len(text) > recallEach {
		return v, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(text, r.copy(v))
	return v, nil
}

func (r *recall[T]) copy(v T) T {
	if r.own == nil {
		return v
	}
	return r.own(v)
}

// find returns what is remembered. What was asked for again outlasts its generation.
func (r *recall[T]) find(text string) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.young[text]
	if !ok {
		if v, ok = r.old[text]; ok {
			r.put(text, v)
		}
	}
	return v, ok
}

func (r *recall[T]) put(text string, v T) {
	if _, ok := r.young[text]; ok {
		return
	}
	if r.young == nil || r.bytes+len(text) > recallBytes {
		r.young, r.old, r.bytes = map[string]T{}, r.young, 0
	}
	r.young[text] = v
	r.bytes += len(text)
}

// ownRevision copies the lists of r. What their elements point to is never written to.
func ownRevision(r workflow.Revision) workflow.Revision {
	r.Content.Channels = slices.Clone(r.Content.Channels)
	r.Attachments = slices.Clone(r.Attachments)
	r.Renditions = slices.Clone(r.Renditions)
	r.Contests = slices.Clone(r.Contests)
	return r
}
