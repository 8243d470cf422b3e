package problem

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/ediport/ediport/jobs"
)

// jobStatus are the codes of package jobs that a person can meet in an answer, with their status. The
// sentences stand in its table.
var jobStatus = map[string]int{
	"connection.invalid":            http.StatusUnprocessableEntity,
	"schedule.spec_invalid":         http.StatusUnprocessableEntity,
	"calendar.invalid":              http.StatusUnprocessableEntity,
	"partner.invalid":               http.StatusUnprocessableEntity,
	"dropbox.invalid":               http.StatusUnprocessableEntity,
	"outbound.not_x12":              http.StatusUnprocessableEntity,
	"outbound.name":                 http.StatusUnprocessableEntity,
	"outbound.sent_before":          http.StatusConflict,
	"outbound.too_large":            http.StatusRequestEntityTooLarge,
	"run.connection_paused":         http.StatusConflict,
	"run.connection_gone":           http.StatusConflict,
	"run.nothing_to_pull":           http.StatusConflict,
	"run.nothing_to_push":           http.StatusConflict,
	"run.overlaps":                  http.StatusConflict,
	"connection.secrets_unreadable": http.StatusConflict,
	"connection.host_keys_guarded":  http.StatusConflict,
	"connection.changed_since":      http.StatusConflict,
	"connection.no_next_credential": http.StatusConflict,
}

func fromJobs(err error) (Problem, bool) {
	if errors.Is(err, jobs.ErrEmptyFile) {
		p := Invalid.With("The file is empty.")
		p.Next = "Choose the file again: there is nothing in it."
		return *p, true
	}
	code := jobs.Code(err)
	status, ok := jobStatus[code]
	if !ok {
		return Problem{}, false
	}
	said, _ := jobs.Explain(code)
	p := Problem{Code: code, Status: status, Title: Conflict.Title, Sentence: said.Sentence, Next: said.Next}
	if status == http.StatusUnprocessableEntity {
		p.Title, p.Fields = Invalid.Title, fieldsOf(err)
		if detail, ok := errors.AsType[*jobs.Error](err); ok && code == "outbound.name" && detail.Err != nil {
			p.Fields = map[string]string{"name": detail.Err.Error()}
		}
		if p.Next == "" {
			p.Next = Invalid.Next
		}
	} else {
		p.Title, p.Fields = "Not possible now", guardedFields(err)
	}
	return p, true
}

// complaint is a line of what is wrong with settings: the field's name, a colon and a sentence.
var complaint = regexp.MustCompile(`^([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*): (.+)$`)

// fieldNames are the fields that have another name in JSON.
var fieldNames = map[string]string{"connection": "connection_id", "missed": "missed_policy"}

// fieldsOf returns what is wrong by field; nil: the error doesn't say.
func fieldsOf(err error) map[string]string {
	var detailed *jobs.Error
	if !errors.As(err, &detailed) || detailed.Err == nil {
		return nil
	}
	var fields map[string]string
	for _, line := range strings.Split(detailed.Err.Error(), "\n") {
		if m := complaint.FindStringSubmatch(line); m != nil {
			if fields == nil {
				fields = map[string]string{}
			}
			fields[cmp.Or(fieldNames[m[1]], m[1])] = m[2]
		}
	}
	return fields
}
