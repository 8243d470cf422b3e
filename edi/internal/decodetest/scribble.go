package decodetest

import (
	"reflect"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// Scribble changes every field of what v points to, in its lists too, as callers may who are lent it. Raw segments, their places and
// what is behind pointers stay.
func Scribble(v any) { scribble(reflect.ValueOf(v).Elem()) }

func scribble(v reflect.Value) {
	switch v.Interface().(type) {
	case edi.Text:
		v.Set(reflect.ValueOf(edi.Text("SCRIBBLED")))
		return
	case edi.Decimal:
		v.Set(reflect.ValueOf(scribbled))
		return
	case []edi.Segment, []parts.Place:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribble(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.String:
		v.SetString("SCRIBBLED")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(77)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	}
}

var scribbled = func() edi.Decimal {
	d, err := edi.ParseDecimal([]byte("-77.77"))
	if err != nil {
		panic(err)
	}
	return d
}()
