package remittance

import (
	"reflect"
	"testing"
)

// TestResetClearsTheClaim fills each field of a claim, in case that one is added and reset does not know of it.
func TestResetClearsTheClaim(t *testing.T) {
	t.Parallel()
	c := new(Claim)
	fill(reflect.ValueOf(c).Elem())
	c.reset()
	if len(c.Lines) != 0 {
		t.Error("lines are left")
	}
	c.Lines = nil
	for v, i := reflect.ValueOf(c).Elem(), 0; i < v.NumField(); i++ {
		if !v.Field(i).IsZero() {
			t.Errorf("%s is left", v.Type().Field(i).Name)
		}
	}
}

// fill gives each exported field a value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(1)
	case reflect.String:
		v.SetString("A")
	}
}
