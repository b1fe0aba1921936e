package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"qingyang/ui/gate"
)

// object is a JSON object of the description.
type object = map[string]any

func (a *API) openapi(c *gate.Call) error {
	b, err := json.Marshal(Describe(a.Routes()))
	if err != nil {
		return fmt.Errorf("describe the calls: %w", err)
	}
	return c.JSONBlob(http.StatusOK, b)
}

var variable = regexp.MustCompile(`:([a-z]+)`)

// Describe returns the OpenAPI 3.1 description of routes, made from their declarations and Go types.
func Describe(routes []gate.Route) map[string]any {
	s := schemas{}
	paths := object{}
	for _, r := range routes {
		path := variable.ReplaceAllString(r.Path, "{$1}")
		p, ok := paths[path].(object)
		if !ok {
			p = object{}
			paths[path] = p
		}
		p[strings.ToLower(r.Method)] = operation(r, s)
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "清样 Qingyang", "version": "1",
			"description": "Times are RFC 3339 with offset. Unknown and doubled keys are refused with 400. " +
				"Every write but signing in carries the session's token in X-CSRF-Token.",
		},
		"paths": paths,
		"components": object{
			"schemas": s,
			"securitySchemes": object{
				"session": object{"type": "apiKey", "in": "cookie", "name": gate.SessionCookie},
				"token":   object{"type": "apiKey", "in": "header", "name": gate.TokenHeader},
			},
		},
	}
}

func operation(r gate.Route, s schemas) object {
	op := object{
		"summary": r.Doc.Summary, "x-audience": r.Audience.String(), "responses": responses(r, s),
		"operationId": operationID(r),
	}
	if ps := parameters(r); len(ps) > 0 {
		op["parameters"] = ps
	}
	if b := body(r, s); b != nil {
		op["requestBody"] = b
	}
	switch {
	case r.Audience.String() == gate.Public.String():
		op["security"] = []object{}
	case r.Method == http.MethodGet:
		op["security"] = []object{{"session": []string{}}}
	default:
		op["security"] = []object{{"session": []string{}, "token": []string{}}}
	}
	return op
}

// operationID makes a name of method and path, such as postItemsMoves.
func operationID(r gate.Route) string {
	var id strings.Builder
	id.WriteString(strings.ToLower(r.Method))
	for _, p := range strings.FieldsFunc(strings.TrimPrefix(r.Path, Prefix), func(c rune) bool { return c == '/' || c == '.' }) {
		p = strings.TrimPrefix(p, ":")
		id.WriteString(strings.ToUpper(p[:1]) + p[1:])
	}
	return id.String()
}

// whole names the parameters that are whole numbers.
var whole = []string{"limit", "seq", "size", "version", "id"}

func parameters(r gate.Route) []object {
	var out []object
	for _, m := range variable.FindAllStringSubmatch(r.Path, -1) {
		typ := "string"
		if m[1] == "id" && strings.HasPrefix(r.Path, Prefix+"/items/") {
			typ = "integer"
		}
		out = append(out, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": typ}})
	}
	for _, k := range r.Query {
		schema := object{"type": "string"}
		if slices.Contains(whole, k) {
			schema = object{"type": "integer", "minimum": 0}
		}
		if k == "limit" {
			schema = object{"type": "integer", "minimum": 1, "maximum": gate.MaxPage}
		}
		out = append(out, object{"name": k, "in": "query", "schema": schema})
	}
	return out
}

func body(r gate.Route, s schemas) object {
	if r.Doc.File {
		return object{"required": true, "content": object{"multipart/form-data": object{"schema": object{
			"type": "object", "required": []string{"file", "version"},
			"properties": object{
				"file":    object{"type": "string", "contentMediaType": "application/octet-stream"},
				"version": object{"type": "integer"},
			},
		}}}}
	}
	if r.Doc.In == nil {
		return nil
	}
	needed := r.Method != http.MethodDelete
	return object{"required": needed, "content": object{"application/json": object{"schema": s.of(r.Doc.In)}}}
}

func responses(r gate.Route, s schemas) object {
	status := r.Doc.Status
	if status == 0 {
		status = http.StatusOK
	}
	done := object{"description": http.StatusText(status)}
	switch {
	case r.Doc.Media != "":
		done["content"] = object{r.Doc.Media: object{"schema": object{"type": "string"}}}
	case r.Doc.Out != nil:
		done["content"] = object{"application/json": object{"schema": s.of(r.Doc.Out)}}
	}
	fault := object{
		"description": "Refused: 400 malformed, 401, 403 denied, 404, 409 stale or illegal, 413, 415, 422 invalid or guard, 429, 503",
		"content":     object{"application/json": object{"schema": s.of(gate.Body{})}},
	}
	return object{strconv.Itoa(status): done, "default": fault}
}
