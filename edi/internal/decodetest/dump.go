package decodetest

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// Dump writes every field of v that is not zero, one a line, as "name.Field[0].Field = value". Of raw segments it writes
// their number and where they stand. Pointers are written as "Field = set", except for those that are named in follow.
func Dump(name string, v any, follow ...string) string {
	d := dumper{follow: follow}
	d.value(name, reflect.ValueOf(v))
	return d.String()
}

type dumper struct {
	strings.Builder
	follow []string
}

func (d *dumper) line(path string, format string, args ...any) {
	fmt.Fprintf(d, "%s = "+format+"\n", append([]any{path}, args...)...)
}

func (d *dumper) value(path string, v reflect.Value) {
	if !v.IsValid() || v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case edi.Text:
		d.line(path, "%s", x)
	case edi.Decimal, edi.Date, parts.Number:
		d.line(path, "%s", x)
	case edi.Position:
		d.line(path, "segment %d", x.Segment)
	case parts.Span:
		d.span(path, x)
	case *guide.Loop:
		d.line(path, "%s", x.Path())
	case []edi.Segment:
		for i, s := range x {
			d.line(fmt.Sprintf("%s[%d]", path, i), "%s", s.Raw())
		}
	default:
		d.composite(path, v)
	}
}

func (d *dumper) span(path string, s parts.Span) {
	if len(s.Segments) == 0 {
		return
	}
	last := s.Segments[len(s.Segments)-1]
	d.line(path, "segments %d to %d, bytes %d to %d", s.Pos.Segment, last.Pos().Segment, s.Pos.Offset, s.End)
	for i := range s.Places {
		if s.Places[i].Def == nil {
			d.line(path, "segment %d has no place", s.Segments[i].Pos().Segment)
		}
	}
}

func (d *dumper) composite(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if d.follows(path) {
			d.value(path, v.Elem())
		} else {
			d.line(path, "set")
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
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
	default:
		d.line(path, "%v", v.Interface())
	}
}

func (d *dumper) follows(path string) bool {
	if !strings.Contains(path, ".") {
		return true
	}
	for _, f := range d.follow {
		if strings.HasSuffix(path, "."+f) {
			return true
		}
	}
	return false
}
