package db

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// never stands for the zero time where it must sort last.
const never = math.MaxInt64

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func orNever(us int64) int64 {
	if us == 0 {
		return never
	}
	return us
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data only
	}
	return string(b)
}

// encodeList is encode for lists: a nil one is empty, not null.
func encodeList[T any](v []T) string {
	if len(v) == 0 {
		return "[]"
	}
	return encode(v)
}

// jsonColumn scans JSON text into v.
type jsonColumn struct{ v any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(src any) error {
	switch s := src.(type) {
	case nil: // an outer join found nothing
		return nil
	case string:
		return json.Unmarshal([]byte(s), c.v)
	case []byte:
		return json.Unmarshal(s, c.v)
	}
	return fmt.Errorf("JSON in a column of type %T", src)
}

// timeColumn scans microseconds into a time.
type timeColumn struct{ v *time.Time }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(src any) error {
	us, ok := src.(int64)
	if !ok && src != nil {
		return fmt.Errorf("time in a column of type %T", src)
	}
	*c.v = instant(us)
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (c timeColumn) UnmarshalJSON(b []byte) error {
	var us int64
	err := json.Unmarshal(b, &us)
	*c.v = instant(us)
	return err
}

// optional scans JSON text, empty for nil.
type optional[T any] struct{ v **T }

// Scan implements sql.Scanner.
func (c optional[T]) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("JSON in a column of type %T", src)
	}
	*c.v = nil
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), c.v)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c optional[T]) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	return c.Scan(s)
}

// encodeOptional is encode for what may be nil.
func encodeOptional[T any](v *T) string {
	if v == nil {
		return ""
	}
	return encode(v)
}

// words scans a JSON list, empty for none.
type words struct{ v *[]string }

// Scan implements sql.Scanner.
func (c words) Scan(src any) error {
	var p *[]string
	err := optional[[]string]{&p}.Scan(src)
	if *c.v = nil; p != nil {
		*c.v = *p
	}
	return err
}

// encodeWords is encodeList with nothing for none.
func encodeWords(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return encode(v)
}
