package web

import (
	"html/template"
	"strings"
)

// tones are the colours of badges. The text says the same, so nobody needs the colour.
var tones = map[string]string{
	// what came out well
	"loaded": "ok", "accepted": "ok", "active": "ok", "succeeded": "ok", "sent": "ok", "certified": "ok", "paid": "ok",
	"acknowledged": "ok", "answered": "ok", "balanced": "ok", "ok": "ok", "primary": "ok", "certified in total": "ok", "not_required": "ok", "x12": "ok", "yes": "ok",
	// what goes on
	"downloaded": "info", "validated": "info", "queued": "info", "running": "info", "sending": "info", "generated": "info",
	"pending": "info", "retrying": "warn", "stopping": "idle", "done": "idle", "pended": "info", "in_batch": "info", "draft": "info", "stored": "info", "waiting": "info", "requested": "info",
	// what a person should look at
	"loaded_with_findings": "warn", "accepted_with_errors": "warn", "partly_loaded": "warn", "held": "warn", "uncertain": "warn",
	"unrouted": "warn", "overdue": "warn", "paused": "warn", "warning": "warn", "modified": "warn", "conflict": "warn",
	"partly_paid": "warn", "refused": "warn", "partly_refused": "warn", "not_found": "warn", "contradictory": "warn", "missed": "warn",
	"mixed": "warn", "contact_payer": "warn", "reversal": "warn", "unbalanced": "warn", "takeback": "warn",
	// what went wrong
	"failed": "bad", "rejected": "bad", "denied": "bad", "dead": "bad", "error": "bad", "inactive": "bad", "lost": "bad", "expired": "bad",
	// what is over or says nothing
	"duplicate": "idle", "unchecked": "idle", "not_x12": "idle", "empty": "idle", "purged": "idle", "void": "idle",
	"cancelled": "idle", "discarded": "idle", "unsupported": "idle", "unknown": "idle", "info": "idle", "ended": "idle", "none": "idle",
}

// badge shows a state as the database has it: "loaded_with_findings" reads "loaded with findings". An
// unknown state is shown without colour.
func badge(state any) template.HTML {
	text := textOf(state)
	if text == "" {
		return none
	}
	return badgeWith(tones[strings.ToLower(text)], strings.ReplaceAll(text, "_", " "))
}

// badgeWith shows a text in a tone: ok, info, warn, bad or idle.
func badgeWith(tone string, text any) template.HTML {
	switch tone {
	case "ok", "info", "warn", "bad":
	default:
		tone = "idle"
	}
	return template.HTML(`<span class="badge ` + tone + `">` + template.HTMLEscapeString(textOf(text)) + `</span>`) //nolint:gosec // escaped
}
