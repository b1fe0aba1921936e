package api

import (
	"path"
	"reflect"
	"strings"
	"time"
)

// schemas holds the description of each named struct met so far.
type schemas map[string]any

var instant = reflect.TypeFor[time.Time]()

// of returns the schema of v's type.
func (s schemas) of(v any) object { return s.typ(reflect.TypeOf(v)) }

func (s schemas) typ(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return s.typ(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": s.typ(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.typ(t.Elem())}
	case reflect.Struct:
		return s.structure(t)
	}
	return object{}
}

// structure describes a struct once under its name; a page of a list has none of its own.
func (s schemas) structure(t reflect.Type) object {
	if t == instant {
		return object{"type": "string", "format": "date-time"}
	}
	if strings.Contains(t.Name(), "[") {
		return s.members(t)
	}
	name := nameOf(t)
	if _, ok := s[name]; !ok {
		s[name] = object{}
		s[name] = s.members(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// nameOf is the type's name; of another package's with its package, so that two of one name stay apart.
func nameOf(t reflect.Type) string {
	if t.PkgPath() == reflect.TypeFor[API]().PkgPath() {
		return t.Name()
	}
	return path.Base(t.PkgPath()) + "." + t.Name()
}

func (s schemas) members(t reflect.Type) object {
	props, required := object{}, []string{}
	s.fields(t, props, &required)
	return object{"type": "object", "properties": props, "required": required, "additionalProperties": false}
}

func (s schemas) fields(t reflect.Type, props object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Pointer:
			s.fields(f.Type.Elem(), props, &[]string{})
			continue
		case f.Anonymous && name == "":
			s.fields(f.Type, props, required)
			continue
		}
		props[name] = s.typ(f.Type)
		if name == "next" {
			props[name] = object{"type": []string{"string", "null"}}
		}
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
}
