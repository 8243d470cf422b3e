package api

import (
	"encoding/json"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// Document returns a row of the store, or a slice of rows, as the API gives it out. The command line
// prints the same.
func Document(ids *storage.PublicIDs, row any) (json.RawMessage, error) {
	text, err := json.Marshal(rendered{ids, answerOf(ids, row)})
	if err != nil {
		return nil, fmt.Errorf("portal: API: %w", err)
	}
	return text, nil
}

// answerOf is what the API answers with for a row; rows that are answers by themselves stay.
func answerOf(ids *storage.PublicIDs, row any) any {
	switch row := row.(type) {
	case storage.Connection:
		return connectionOf(row)
	case []storage.Connection:
		return mapped(row, connectionOf)
	case storage.Schedule:
		return scheduleOf(row)
	case []storage.Schedule:
		return mapped(row, scheduleOf)
	case storage.Calendar:
		return calendarOf(row)
	case []storage.Calendar:
		return mapped(row, calendarOf)
	case storage.Run:
		return runOf(row)
	case []storage.Run:
		return mapped(row, runOf)
	case []storage.RunLine:
		return mapped(row, lineOf(ids))
	case storage.QueuedJob:
		return jobOf(row)
	case []storage.QueuedJob:
		return mapped(row, jobOf)
	case []storage.NodeState:
		return mapped(row, nodeOf)
	case storage.Incident:
		return incidentOf(row)
	case []storage.Incident:
		return mapped(row, incidentOf)
	case storage.DropBox:
		return dropBoxOf(row)
	case []storage.DropBox:
		return mapped(row, dropBoxOf)
	case storage.PartnerSettings:
		return partnerOf(row)
	default:
		return row
	}
}
