package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"qingyang/ui/words"
	"qingyang/workflow"
	"qingyang/workflow/compare"
)

// Problem is why a request was not done, in the asker's language. Number stands in the log too.
type Problem struct {
	Status  int
	Code    string
	Message string
	Number  string
	Reasons []Told
	Stale   *Meanwhile    // what changed meanwhile; nil unless Code is stale
	Retry   time.Duration // when to try again; 0 for never
	Err     error
}

// Told is one reason in words. Field is the name of the field in the request.
type Told struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// AnswerError is a refusal by a face or by the gate itself, with the answer it gets.
type AnswerError struct {
	Status  int
	Code    string
	Reasons []workflow.Reason
	Retry   time.Duration
}

// Error names code and reasons, for the program's log; people read the words of ui/words.
func (r *AnswerError) Error() string { return fmt.Sprintf("%s %v", r.Code, r.Reasons) }

// StaleError is ErrStale with what the item became.
type StaleError struct{ Meanwhile }

// Error is ErrStale's.
func (*StaleError) Error() string { return workflow.ErrStale.Error() }

// Unwrap returns ErrStale.
func (*StaleError) Unwrap() error { return workflow.ErrStale }

// Meanwhile says what an item became since its asker saw it.
type Meanwhile struct {
	Version  int64             `json:"version"`
	Revision int               `json:"revision"`
	Digest   string            `json:"digest"`
	By       string            `json:"by"` // name of who saved the present revision
	At       time.Time         `json:"at"` // and when
	Diff     []compare.Section `json:"diff"`
}

// Invalid refuses a request whose field is wrong: 422.
func Invalid(code, field string, args ...string) error {
	return &AnswerError{Status: 422, Code: "invalid", Reasons: []workflow.Reason{{Code: code, Field: field, Args: args}}}
}

// Malformed refuses a request that no reader could understand: 400.
func Malformed(code, field string, args ...string) error {
	return &AnswerError{Status: 400, Code: "malformed", Reasons: []workflow.Reason{{Code: code, Field: field, Args: args}}}
}

func badKey(code, key string) error {
	return &AnswerError{Status: 400, Code: "unknown_key", Reasons: []workflow.Reason{{Code: code, Field: key, Args: []string{key}}}}
}

func tooMany(wait time.Duration) error { return &AnswerError{Status: 429, Code: "rate", Retry: wait} }

// tell puts err in words.
func tell(c *Call, err error) Problem {
	status, code, rs, retry := Answer(err)
	p := Problem{
		Status: status, Code: code, Message: c.Words.Error(code), Number: c.Number, Reasons: Tell(c.Words, rs), Retry: retry, Err: err,
	}
	if s, ok := errors.AsType[*StaleError](err); ok {
		p.Stale = &s.Meanwhile
	}
	return p
}

// Answer returns the status, code, reasons and delay of an error of the Desk or of the gate. Both faces draw the same.
func Answer(err error) (status int, code string, rs []workflow.Reason, retry time.Duration) {
	if r, ok := errors.AsType[*AnswerError](err); ok {
		return r.Status, r.Code, r.Reasons, r.Retry
	}
	if errors.Is(err, workflow.ErrLog) { // even a refusal is none without its record
		return http.StatusServiceUnavailable, "log", nil, 5 * time.Second
	}
	if r, ok := errors.AsType[*workflow.RefusedError](err); ok {
		if r.Denied {
			return http.StatusForbidden, "denied", r.Reasons, 0
		}
		return http.StatusUnprocessableEntity, "guard", r.Reasons, 0
	}
	if v, ok := errors.AsType[*workflow.InvalidError](err); ok {
		status, code = invalid(v)
		return status, code, v.Reasons, 0
	}
	status, code = plain(err)
	if status == http.StatusServiceUnavailable {
		retry = 5 * time.Second
	}
	return status, code, nil, retry
}

func invalid(v *workflow.InvalidError) (status int, code string) {
	switch v.Too {
	case "large":
		return http.StatusRequestEntityTooLarge, "too_large"
	case "type":
		return http.StatusUnsupportedMediaType, "type"
	}
	return http.StatusUnprocessableEntity, "invalid"
}

// causes are the errors that carry no reasons, in the order in which they are looked for.
var causes = []struct {
	err    error
	status int
	code   string
}{
	{errForeign, http.StatusForbidden, "csrf"},
	{workflow.ErrCredentials, http.StatusUnauthorized, "unauthorized"},
	{workflow.ErrLocked, http.StatusUnauthorized, "unauthorized"},
	{workflow.ErrMissing, http.StatusNotFound, "missing"},
	{workflow.ErrStale, http.StatusConflict, "stale"},
	{workflow.ErrIllegal, http.StatusConflict, "illegal"},
	{workflow.ErrUnavailable, http.StatusServiceUnavailable, "unavailable"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "unavailable"},
	{context.Canceled, http.StatusServiceUnavailable, "unavailable"},
	{echo.ErrNotFound, http.StatusNotFound, "missing"},
	{echo.ErrMethodNotAllowed, http.StatusMethodNotAllowed, "method"},
}

func plain(err error) (status int, code string) {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, "too_large"
	}
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return c.status, c.code
		}
	}
	return http.StatusInternalServerError, "fault"
}

// Body is the JSON of a problem.
type Body struct {
	Error Fault `json:"error"`
}

// Fault is the inner part of Body.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Number  string `json:"number"`
	Reasons []Told `json:"reasons"`
	*Meanwhile
}

// JSON draws a problem for programs.
func JSON(c *Call, p Problem) error {
	return c.Context.JSON(p.Status, Body{Fault{p.Code, p.Message, p.Number, p.Reasons, p.Stale}})
}

// Tell puts reasons in the words of b, never nil.
func Tell(b words.Book, rs []workflow.Reason) []Told {
	out := []Told{}
	for _, r := range rs {
		out = append(out, Told{Code: r.Code, Message: b.Reason(r), Field: r.Field})
	}
	return out
}

// WrongType refuses a value of the wrong type: 400.
func WrongType(field string) error { return Malformed("wrong_type", field) }

// Foreign refuses a key that belongs to another event: 400.
func Foreign(key, event string) error {
	return &AnswerError{
		Status: 400, Code: "unknown_key",
		Reasons: []workflow.Reason{{Code: "not_for", Field: key, Args: []string{event}}},
	}
}
