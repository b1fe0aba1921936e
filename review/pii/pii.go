// Package pii finds personal data: identity numbers, phones, bank cards, credit codes, passports, plates and mail addresses.
//
// One pass over the bytes stops only at letters, digits and '@'; no regular expression is used. Spans of findings are rune
// offsets in Segment.Text, as review.Detector asks.
package pii

import (
	"context"
	"time"
	"unicode/utf8"

	"qingyang/review"
)

// Library names the rules in findings.
const Library = "pii/1"

// The types of findings.
const (
	IDCard      = "id_card"
	Mobile      = "mobile"
	OfficePhone = "office_phone"
	BankCard    = "bank_card"
	USCC        = "uscc"
	Passport    = "passport"
	Plate       = "plate"
	Email       = "email"
)

// Detector finds personal data. It keeps no state between calls and may be shared.
type Detector struct {
	today func() int
}

// New returns a detector. The clock bounds birth dates: no one is born tomorrow. Without one every date from 1900 to the
// end of 2026 is real, which is right for tests and wrong for a server.
func New(clock ...func() time.Time) *Detector {
	if len(clock) == 0 {
		return &Detector{today: func() int { return 20261231 }}
	}
	return &Detector{today: func() int {
		now := clock[0]()
		return now.Year()*10000 + int(now.Month())*100 + now.Day()
	}}
}

// Detect returns the personal data in s, and what looked like it and is not, with the cause. Its only error is ctx's.
func (d *Detector) Detect(ctx context.Context, s review.Segment) ([]review.Finding, []review.Suppressed, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	c := scanner{text: s.Text, today: d.today()}
	if !utf8.ValidString(c.text) {
		c.text = string([]rune(c.text)) // one U+FFFD for each bad byte: rune offsets stay
	}
	c.run()
	return c.out, c.dropped, nil
}
