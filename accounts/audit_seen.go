package accounts

import (
	"encoding/json"
	"strings"
)

// SeenSentence says how an event of the report of who saw a patient showed the rows.
func SeenSentence(r AuditRecord) string {
	kind, original := strings.CutPrefix(r.Event.ObjectKind, "original.")
	all := r.Event.AccountID == 0
	switch {
	case r.Action == "patient.list" && kind == "file":
		return "Saw findings of the file that show values"
	case r.Action == "patient.list":
		return "Saw it in a list: " + listOf(r)
	case r.Action != "patient.view":
		return AuditSentence(r.Action)
	case original && kind == "file" && all:
		return "Opened the whole file"
	case original && kind == "set" && all:
		return "Opened a whole transaction set"
	case original && kind == "file", original && kind == "set":
		return "Opened the organization’s parts of the " + map[string]string{"file": "file", "set": "transaction set"}[kind]
	case original && kind == "unit":
		return "Opened the part of the file"
	case original && kind == "remittance":
		return "Opened the payment’s original"
	case original:
		return "Opened the row’s original"
	case kind == "remittance":
		return "Saw the payment"
	}
	return "Saw the row"
}

func listOf(r AuditRecord) string {
	var detail struct {
		List string `json:"list"`
	}
	_ = json.Unmarshal(r.Detail, &detail) // it was made by recordsOf
	return detail.List
}
