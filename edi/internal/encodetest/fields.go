package encodetest

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// Fields writes every field of v that has a value and is payload, one a line: not where it stood in its file, not raw
// segments, and not the pointers to what stands around it.
func Fields(name string, v any) string {
	var d fields
	d.value(name, reflect.ValueOf(v).Elem())
	return d.String()
}

// notPayload are fields that encoders make or that are about the file.
var notPayload = map[string]bool{"Level": true, "Context": true, "HasDependents": true, "Pos": true, "Position": true}

type fields struct{ strings.Builder }

func (d *fields) value(path string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case parts.Span, parts.Entity:
		return
	case edi.Text:
		if len(x) > 0 {
			fmt.Fprintf(d, "%s = %s\n", path, x)
		}
		return
	case edi.Decimal, edi.Date, parts.Number:
		if !v.IsZero() {
			fmt.Fprintf(d, "%s = %s\n", path, x)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case notPayload[f.Name]:
			case f.Anonymous:
				d.value(path, v.Field(i))
			case f.IsExported():
				d.value(path+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			d.value(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
		if v.Len() > 0 && v.Kind() == reflect.Slice {
			fmt.Fprintf(d, "%s has %d\n", path, v.Len())
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(d, "%s = %v\n", path, v.Interface())
		}
	}
}

// note notes which payload fields of v have a value, by type and name: "Line.Units".
func note(v reflect.Value, seen map[string]bool, order *[]string) {
	switch v.Interface().(type) {
	case parts.Span, parts.Entity, edi.Text, edi.Decimal, edi.Date, parts.Number:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		t := v.Type()
		for i := range v.NumField() {
			f := t.Field(i)
			if notPayload[f.Name] || !f.IsExported() || f.Type.Kind() == reflect.Pointer {
				continue
			}
			name := t.Name() + "." + f.Name
			if was, known := seen[name]; !known || !was && !v.Field(i).IsZero() {
				if !known {
					*order = append(*order, name)
				}
				seen[name] = !v.Field(i).IsZero()
			}
			note(v.Field(i), seen, order)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			note(v.Index(i), seen, order)
		}
	}
}
