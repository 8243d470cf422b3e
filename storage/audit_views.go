package storage

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// shownRows are the rows of patients that a page shows, by account.
type shownRows map[AccountID][]int64

// add notes a row; id 0 is one that counts only.
func (s shownRows) add(account AccountID, id int64) { s[account] = append(s[account], id) }

// auditList leaves one event for each account of which a page shows rows of patients: which list, narrowed by
// what kinds of filter, how many rows, and which, so that it can be said later who saw a patient's. Never values.
func (t *Tx) auditList(ctx context.Context, list string, filters []string, shown shownRows) error {
	return t.auditListOf(ctx, RowRef{}, list, filters, shown)
}

// auditListOf is auditList of a list that belongs to one thing, which stands in the events; the zero RowRef is none.
func (t *Tx) auditListOf(ctx context.Context, of RowRef, list string, filters []string, shown shownRows) error {
	for _, account := range slices.Sorted(maps.Keys(shown)) {
		rows := shown[account]
		detail := map[string]any{"list": list, "rows": len(rows)}
		if len(filters) > 0 {
			detail["filters"] = filters
		}
		if ids := slices.DeleteFunc(slices.Clone(rows), func(id int64) bool { return id == 0 }); len(ids) > 0 {
			detail["ids"] = ids
		}
		if t.masked(account) || of.Kind == "file" && t.scope.MaskedPlane {
			detail["masked"] = true
		}
		err := t.Audit(ctx, AuditEvent{
			Action: "patient.list", Operator: t.scope.home(), Account: account, ObjectKind: of.Kind, ObjectID: of.ID, Detail: detail,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// masked says whether the reader sees the patients of an account's rows masked; 0 is the exchange plane.
func (t *Tx) masked(account AccountID) bool {
	if account == 0 {
		return t.scope.MaskedPlane
	}
	return t.scope.masks(account)
}

// filterNames returns the names of the fields of a filter that narrow its list: "name", "member_id".
func filterNames(filter any) []string {
	v := reflect.ValueOf(filter)
	if !v.IsValid() || v.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "Usage" && !v.Field(i).IsZero() {
			names = append(names, snake(name))
		}
	}
	return names
}

// snake writes MemberID as member_id.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
