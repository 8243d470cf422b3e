package web

import (
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A fileStep is one thing that happened to a file.
type fileStep struct {
	Title string // "Downloaded"
	Tone  string // of its state: ok, info, warn, bad, idle
	At    time.Time
	Run   storage.RunID // that did it; 0: none
	By    string        // the person who did it; "": nobody
	Why   *reason
	Path  string // leads to what it speaks of; "": nowhere
}

// stepTitles say the states of a file as things that happened.
var stepTitles = map[string]string{
	"seen": "Seen at the server", "downloaded": "Downloaded and archived", "validated": "Checked", "loaded": "Loaded", "partly_loaded": "Partly loaded", "held": "Held",
	"duplicate": "Found to be a duplicate", "stored": "Stored", "failed": "Failed", "generated": "Generated, waits to be sent", "sending": "Sending began", "sent": "Sent",
	"uncertain": "Uncertain whether it arrived", "void": "Made void", "purged": "Purged",
}

// timeline returns what happened to a file, oldest first: its states, and what was told about it.
func (p *Portal) timeline(data *fileData, names map[storage.UserID]string) []fileStep {
	var steps []fileStep
	for _, e := range data.FileDetail.Events {
		title, ok := stepTitles[e.State]
		if !ok {
			title = capital(e.State)
		}
		steps = append(steps, fileStep{Title: title, Tone: tones[e.State], At: e.At, Run: e.RunID, By: names[e.ActorID], Why: reasonOf(e.Reason)})
	}
	for _, a := range data.Answers {
		step := fileStep{Title: "Acknowledgment made: " + a.AnswersKind, Tone: "info", At: a.QueuedAt, Path: "/files/" + p.id(storage.PublicFile, int64(a.FileID))}
		steps = append(steps, step)
		if a.SentAt != nil {
			step.Title, step.Tone, step.At = "Acknowledgment sent: "+a.AnswersKind, "ok", *a.SentAt
			steps = append(steps, step)
		}
	}
	if data.Outbound != nil {
		steps = append(steps, p.answersTo(data.Outbound)...)
	}
	slices.SortStableFunc(steps, func(a, b fileStep) int { return a.At.Compare(b.At) })
	return steps
}

// answersTo returns what receivers said about a file of ours.
func (p *Portal) answersTo(out *outboundData) []fileStep {
	var steps []fileStep
	seen := map[int64]bool{}
	for _, e := range out.Envelopes {
		if e.AcknowledgedAt == nil || e.AcknowledgmentID == 0 || seen[e.AcknowledgmentID] {
			continue
		}
		seen[e.AcknowledgmentID] = true
		step := fileStep{At: *e.AcknowledgedAt, Path: "/acknowledgments/" + p.id(storage.PublicAcknowledgment, e.AcknowledgmentID)}
		switch e.Acknowledgment {
		case "A":
			step.Title, step.Tone = "Accepted by the receiver", "ok"
		case "R":
			step.Title, step.Tone = "Rejected by the receiver", "bad"
		default:
			step.Title, step.Tone = "Acknowledged with errors by the receiver", "warn"
		}
		steps = append(steps, step)
	}
	return steps
}

// sourceText says how a file came to be here.
func sourceText(source string) string {
	switch source {
	case "sftp":
		return "by SFTP"
	case "upload":
		return "handed in by upload"
	case "mailbox":
		return "at its drop box"
	case "cli":
		return "by the command line"
	case "api":
		return "by the API"
	case "":
		return ""
	}
	return strings.ReplaceAll(source, "_", " ")
}
