package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Incident is something that was, or seemed, wrong in public: an item that was taken down or sealed, a channel that was halted
// or that somebody else wrote on. Item is 0 for a channel's, Channel empty for an item's.
type Incident struct {
	Event   Event
	Item    ItemID
	Title   string
	State   State // of the item
	Channel string
	What    string // of Tampered: what was edited
	By      string // name
	Reason  string
	Found   time.Time
	Dark    time.Time // when the last channel had dropped the item, or the halt held; zero while that is open
	Over    time.Time // when a halt was resumed, or an edited folder was put right
}

// incidentSpan is how far back Incidents looks for what befell a channel.
const incidentSpan = 180 * 24 * time.Hour

// Incidents returns what a may know of, newest first, at most limit of items and of channels each. limit is 1 to 200.
func (d *Desk) Incidents(ctx context.Context, a Actor, limit int) ([]Incident, error) {
	rows, _, err := d.List(ctx, a, Query{Box: All, States: []State{Suspended, Withdrawn, Sealed}, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	var out []Incident
	for _, r := range rows {
		c, err := d.Store.Case(ctx, r.ID)
		if err != nil {
			return nil, fmt.Errorf("incident of item %d: %w", r.ID, err)
		}
		if x, ok := takedown(c); ok {
			out = append(out, x)
		}
	}
	es, err := d.Store.Incidents(ctx, d.now().Add(-incidentSpan), limit)
	if err != nil {
		return nil, err
	}
	out = append(out, onChannels(es)...)
	slices.SortStableFunc(out, func(x, y Incident) int { return y.Found.Compare(x.Found) })
	return out, nil
}

// takedown says when c was taken down and when the last channel had dropped it. What was never on a channel is no incident.
func takedown(c *Case) (Incident, bool) {
	x := Incident{Item: c.Item.ID, Title: c.Item.Title, State: c.Item.State}
	for _, d := range slices.Backward(c.Decisions) {
		if d.Event == Suspend || d.Event == Seal {
			x.Event, x.By, x.Reason, x.Found = d.Event, d.Name, d.Reason, d.At
			break
		}
	}
	if x.Event == "" || len(c.Deliveries) == 0 {
		return x, false
	}
	for _, d := range c.Deliveries {
		if d.Have != "" || d.Shown == Removing {
			x.Dark = time.Time{}
			return x, true
		}
		if d.At.After(x.Dark) {
			x.Dark = d.At
		}
	}
	return x, true
}

// onChannels reads the records of channels, newest first: a resume ends the halt before it.
func onChannels(es []Entry) []Incident {
	var out []Incident
	over := map[string]time.Time{}
	for _, e := range es {
		ch := e.Detail["channel"]
		if e.Result != "done" || ch == "" {
			continue
		}
		event := Event(e.Event)
		if event == ResumeChannel {
			over[ch] = e.At
			continue
		}
		x := Incident{Event: event, Channel: ch, What: e.Detail["what"], By: e.Name, Found: e.At, Dark: e.At, Over: e.At}
		if event == HaltChannel {
			x.Over = over[ch]
			delete(over, ch)
		}
		out = append(out, x)
	}
	return out
}
