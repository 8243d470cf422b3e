package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A rendered value is a row struct as the API gives it out. The key of a field is its json name, else
// its column; a field without either is left out. Numbers tagged public are row ids and leave as opaque
// strings. What is empty because nothing was sent is null; lists are never null.
type rendered struct {
	ids   *storage.PublicIDs
	value any
}

// render wraps a row, or a slice of rows, for a.json.
func (a *API) render(v any) rendered { return rendered{a.DB.PublicIDs(), v} }

// MarshalJSON writes the value. The error says which field is an id that is not marked as one.
func (r rendered) MarshalJSON() ([]byte, error) {
	e := encoder{ids: r.ids}
	if err := e.value(reflect.ValueOf(r.value)); err != nil {
		return nil, err
	}
	return e.out.Bytes(), nil
}

type encoder struct {
	ids *storage.PublicIDs
	out bytes.Buffer
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	marshalType  = reflect.TypeFor[json.Marshaler]()
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[[]byte]()
)

func (e *encoder) value(v reflect.Value) error {
	switch {
	case v.Type() == timeType:
		return e.plain(v.Interface().(time.Time).UTC().Format(time.RFC3339Nano))
	case v.Type() == durationType:
		return e.plain(int64(v.Interface().(time.Duration).Seconds()))
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if v.IsNil() {
			return e.plain(nil)
		}
		return e.value(v.Elem())
	case v.Type().Implements(marshalType):
		return e.marshaler(v)
	case v.Kind() == reflect.Struct:
		return e.object(v)
	case v.Type() == bytesType:
		return fmt.Errorf("portal: API: bytes can't be given out")
	case v.Kind() == reflect.Slice:
		return e.array(v)
	case v.Kind() == reflect.String && v.Len() == 0:
		return e.plain(nil)
	default:
		return e.plain(v.Interface())
	}
}

func (e *encoder) marshaler(v reflect.Value) error {
	if v.Kind() == reflect.Slice && v.Len() == 0 { // json.RawMessage
		return e.plain(nil)
	}
	return e.plain(v.Interface())
}

func (e *encoder) plain(v any) error {
	b, err := json.Marshal(v)
	e.out.Write(b)
	return err
}

func (e *encoder) array(v reflect.Value) error {
	e.out.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			e.out.WriteByte(',')
		}
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	e.out.WriteByte(']')
	return nil
}

func (e *encoder) object(v reflect.Value) error {
	e.out.WriteByte('{')
	if err := e.fields(v, new(int)); err != nil {
		return err
	}
	e.out.WriteByte('}')
	return nil
}

func (e *encoder) fields(v reflect.Value, written *int) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			if err := e.fields(v.Field(i), written); err != nil {
				return err
			}
			continue
		}
		key := keyOf(f)
		if key == "" {
			continue
		}
		if *written++; *written > 1 {
			e.out.WriteByte(',')
		}
		if err := e.plain(key); err != nil {
			return err
		}
		e.out.WriteByte(':')
		if err := e.field(f, key, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) field(f reflect.StructField, key string, v reflect.Value) error {
	if kind := f.Tag.Get("public"); kind != "" {
		if id := e.ids.Format(kind, v.Int()); id != "" {
			return e.plain(id)
		}
		return e.plain(nil)
	}
	if leaksID(key, f.Type) {
		return fmt.Errorf("portal: API: %s is a row id without a public kind", key)
	}
	return e.value(v)
}

// leaksID tells whether a field would let a row's number out of the house.
func leaksID(key string, t reflect.Type) bool {
	return t.Kind() == reflect.Int64 && t != durationType && (key == "id" || strings.HasSuffix(key, "_id") || strings.HasSuffix(t.Name(), "ID"))
}

// keyOf returns a field's key, "" if it is not given out.
func keyOf(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	if name, ok := f.Tag.Lookup("json"); ok {
		name, _, _ = strings.Cut(name, ",")
		if name == "-" {
			return ""
		}
		return name
	}
	if name := f.Tag.Get("db"); name != "-" {
		return name
	}
	return ""
}
