package gate

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qingyang/workflow"
)

// inMemory is how much of a form's files is kept in memory while it is read; the rest waits on disk.
const inMemory = 1 << 20

// MaxPage is the most lines that a list answers at once.
const MaxPage = 200

// Read decodes the JSON body into v. Unknown and doubled keys, wrong types, text that is not UTF-8 and a second value are
// refused with the name of the field.
func (c *Call) Read(v any) error {
	media, _, err := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return &AnswerError{Status: http.StatusUnsupportedMediaType, Code: "type"}
	}
	b, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return Malformed("not_utf8", "")
	}
	if err := json.Unmarshal(b, v, json.RejectUnknownMembers(true)); err != nil {
		return unreadable(err)
	}
	return noNUL(b)
}

// unreadable names the field that a decoding error is about.
func unreadable(err error) error {
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return badKey("doubled_key", dotted(s.JSONPointer))
		}
		return Malformed("syntax", dotted(s.JSONPointer))
	}
	s, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return Malformed("syntax", "")
	}
	if errors.Is(err, json.ErrUnknownName) {
		return badKey("unknown_key", dotted(s.JSONPointer))
	}
	return Malformed("wrong_type", dotted(s.JSONPointer))
}

// dotted writes /channels/0/from as channels[0].from.
func dotted(p jsontext.Pointer) string {
	var b strings.Builder
	for t := range p.Tokens() {
		switch _, err := strconv.Atoi(t); {
		case err == nil:
			b.WriteString("[" + t + "]")
		case b.Len() == 0:
			b.WriteString(t)
		default:
			b.WriteString("." + t)
		}
	}
	return b.String()
}

// noNUL refuses text with the one character that a database cannot hold.
func noNUL(b []byte) error {
	if !bytes.Contains(b, []byte(`\u0000`)) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		if t.Kind() == '"' && strings.ContainsRune(t.String(), 0) {
			return Malformed("not_utf8", dotted(d.StackPointer()))
		}
	}
}

// query returns the query after refusing keys that are not allowed.
func query(c *Call, allowed []string) (url.Values, error) {
	vs, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, Malformed("syntax", "")
	}
	return vs, check(vs, allowed)
}

// check refuses keys that are not allowed, doubled ones and text that is no text. A name in allowed that ends in + may
// stand more than once; one that ends in .* allows every key that begins so.
func check(vs url.Values, allowed []string) error {
	for k, v := range vs {
		i := slices.IndexFunc(allowed, func(a string) bool { return allows(a, k) })
		if i < 0 {
			return badKey("unknown_key", k)
		}
		if len(v) > 1 && !strings.HasSuffix(allowed[i], "+") {
			return badKey("doubled_key", k)
		}
		for _, s := range v {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				return Malformed("not_utf8", k)
			}
		}
	}
	return nil
}

func allows(name, key string) bool {
	if prefix, ok := strings.CutSuffix(name, "*"); ok && strings.HasSuffix(prefix, ".") {
		return strings.HasPrefix(key, prefix)
	}
	return key == strings.TrimSuffix(name, "+")
}

// Limit returns the limit of the query, normal if there is none. It refuses what is no number from 1 to MaxPage.
func (c *Call) Limit(normal int) (int, error) {
	s := c.QueryParam("limit")
	if s == "" {
		return normal, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxPage {
		return 0, Malformed("limit", "limit")
	}
	return n, nil
}

// QueryNumber returns a whole number of the query, or the given one where the key is absent.
func (c *Call) QueryNumber(key string, absent int64) (int64, error) {
	s := c.QueryParam(key)
	if s == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, Malformed("wrong_type", key)
	}
	return n, nil
}

// form reads the form once, urlencoded or multipart.
func (c *Call) form() (url.Values, error) {
	if c.forms != nil {
		return c.forms, nil
	}
	r := c.Request()
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "multipart/form-data":
		err = r.ParseMultipartForm(inMemory)
	case err == nil && media == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	default:
		return url.Values{}, nil
	}
	if err != nil {
		return nil, formError(err)
	}
	c.forms = r.PostForm
	if r.MultipartForm != nil {
		c.forms = r.MultipartForm.Value
	}
	return c.forms, nil
}

func formError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, multipart.ErrMessageTooLarge) {
		return tooLarge()
	}
	return Malformed("syntax", "")
}

func tooLarge() error {
	return &AnswerError{
		Status: http.StatusRequestEntityTooLarge, Code: "too_large",
		Reasons: []workflow.Reason{{Code: "file_too_large", Field: "file"}},
	}
}

// Form returns the form's values after refusing keys that are not allowed; the token is always allowed. A name that ends in
// + may stand more than once; one that ends in .* allows every key that begins so.
func (c *Call) Form(allowed ...string) (url.Values, error) {
	vs, err := c.form()
	if err != nil {
		return nil, err
	}
	return vs, check(vs, append(allowed, TokenField))
}

// Upload returns the one file of a multipart form, nil if there is none, and the other values as Form does. The file's
// temporary copy goes when the returned function is called.
func (c *Call) Upload(allowed ...string) (*multipart.FileHeader, url.Values, func(), error) {
	vs, err := c.Form(allowed...)
	if err != nil {
		return nil, nil, nil, err
	}
	m := c.Request().MultipartForm
	if m == nil {
		return nil, nil, nil, &AnswerError{Status: http.StatusUnsupportedMediaType, Code: "type"}
	}
	done := func() { _ = m.RemoveAll() }
	for k, fs := range m.File {
		if k != "file" {
			done()
			return nil, nil, nil, badKey("unknown_key", k)
		}
		if len(fs) > 1 {
			done()
			return nil, nil, nil, badKey("doubled_key", k)
		}
		if fs[0].Size > workflow.MaxFile {
			done()
			return nil, nil, nil, tooLarge()
		}
		return fs[0], vs, done, nil
	}
	return nil, vs, done, nil
}
