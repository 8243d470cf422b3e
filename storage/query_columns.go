package storage

import (
	"database/sql"
	"reflect"
	"strings"
)

// The select lists of the read stores are made of the row structs, so that the two can't disagree:
//
//	db:"name"        the column, of the table with alias t
//	sql:"a.name"     the expression instead, of a table that the query joins
//	only:"detail"    read for one row, left out of lists
//	public:"clm"     what kind of public id the number leaves the house as; the API reads it
//	mask:"account"   speaks of a patient: masked for those who may not see the account's patients; see [MaskedText]
//
// NULL becomes "", 0 or, in types that can say it, their own zero value.

type column struct{ name, expr string }

var scannerType = reflect.TypeFor[sql.Scanner]()

// columnsOf returns the columns of a row struct.
func columnsOf[T any](detail bool) []column { return structColumns(reflect.TypeFor[T](), detail) }

func structColumns(t reflect.Type, detail bool) []column {
	var found []column
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("db")
		switch {
		case f.Anonymous:
			found = append(found, structColumns(f.Type, detail)...)
		case name == "" || name == "-" || (f.Tag.Get("only") == "detail" && !detail):
		default:
			found = append(found, column{name, columnExpr(f, name)})
		}
	}
	return found
}

func columnExpr(f reflect.StructField, name string) string {
	expr := f.Tag.Get("sql")
	if expr == "" {
		expr = "t." + name
	}
	if mask := f.Tag.Get("mask"); mask != "" {
		expr = maskedExpr(f.Type, expr, mask)
	}
	if reflect.PointerTo(f.Type).Implements(scannerType) {
		return expr
	}
	switch f.Type.Kind() {
	case reflect.String:
		return "coalesce(" + expr + ", '')"
	case reflect.Int, reflect.Int64:
		return "coalesce(" + expr + ", 0)"
	case reflect.Bool:
		return "coalesce(" + expr + ", false)"
	default:
		return expr
	}
}

// selectList returns the columns as a select list.
func selectList(columns []column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c.expr + " AS " + c.name
	}
	return strings.Join(parts, ", ")
}

// selectDetail returns the select list of one row of T.
func selectDetail[T any]() string { return selectList(columnsOf[T](true)) }
