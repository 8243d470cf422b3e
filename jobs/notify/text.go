package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// what names the subject of an incident in a sentence.
func what(i Incident) string {
	switch {
	case i.SubjectKind == storage.SubjectFile && i.ConnectionName != "":
		return "a file of " + i.ConnectionName
	case i.SubjectName != "":
		return i.SubjectKind + " " + i.SubjectName
	case i.SubjectKind == storage.SubjectInstallation:
		return "the installation"
	default:
		return "a " + i.SubjectKind
	}
}

func subject(e *Event) string {
	if e.Topic == storage.TopicIncidentResolved {
		return fmt.Sprintf("[ediport] Over: %s, %s", what(e.Incident), e.Incident.Code)
	}
	return fmt.Sprintf("[ediport] Needs a look: %s, %s", what(e.Incident), e.Incident.Code)
}

// text is the body of a mail.
func text(e *Event, name string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if e.Topic == storage.TopicIncidentResolved {
		line("It is over: %s works again.\n", what(e.Incident))
		line("What it was: %s", e.Incident.Sentence)
	} else {
		line("%s: %s", capital(what(e.Incident)), e.Incident.Sentence)
		if e.Incident.NextStep != "" {
			line("\nWhat to do: %s", e.Incident.NextStep)
		}
	}
	line("")
	line("Code:      %s", e.Incident.Code)
	line("First:     %s", e.Incident.FirstAt.Format(time.RFC1123))
	line("Latest:    %s", e.Incident.LastAt.Format(time.RFC1123))
	line("How often: %d", e.Incident.Count)
	if e.Incident.RunID != "" {
		line("Run:       %s", e.Incident.RunID)
	}
	line("Incident:  %s", e.Incident.ID)
	if e.Incident.URL != "" {
		line("\n%s", e.Incident.URL)
	}
	line("\nThis is told once for each incident, however often it is tried again.")
	if name != "" {
		line("Sent by ediport for %s.", name)
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
