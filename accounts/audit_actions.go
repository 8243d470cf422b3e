package accounts

import (
	"maps"
	"slices"
	"strings"
)

// auditSentences say each action that the audit knows. A test reads the source and fails for one that is missing
// here or isn't there any more; docs/audit.md lists the same.
var auditSentences = map[string]string{
	// coming in and going out
	"signin.succeeded":                "Signed in",
	"signin.password_accepted":        "Gave the right password; a second factor is still to come",
	"signin.failed":                   "Tried to sign in and was refused",
	"signin.throttled":                "Tried to sign in too often and has to wait",
	"signin.challenged":               "Was asked for a computed proof before signing in",
	"signin.ended":                    "Signed out",
	"session.ended":                   "Ended a session",
	"session.others_ended":            "Ended all other sessions",
	"sessions.ended_by_administrator": "Ended somebody’s sessions",
	"device.added":                    "A browser was remembered as known",
	"device.removed":                  "A known browser was forgotten",
	"access.denied":                   "Asked for something without the permission",

	// factors and passwords
	"factor.added":              "Added a second factor",
	"factor.removed":            "Removed a second factor",
	"factor.renamed":            "Renamed a second factor",
	"factor.proved":             "Proved a second factor",
	"factor.failed":             "Gave a wrong second factor",
	"factor.throttled":          "Gave wrong second factors too often and has to wait",
	"factors.reset":             "All second factors were taken away",
	"recovery_codes.made":       "Made new recovery codes",
	"passkey.counter_went_back": "A passkey’s counter went back: it may have been copied",
	"password.changed":          "Changed the password",
	"password.voided":           "The password was made void; a new one must be chosen by a code",
	"password.expired":          "The password is too old and must be changed",
	"password.recovered":        "Chose a new password by a code from the mail",
	"password.reset":            "Gave somebody a new password",
	"password.reset_started":    "Had a code for a new password sent to somebody",

	// recovery, invitations, set-up
	"recovery.requested":    "Asked for a code to recover the password",
	"recovery.refused":      "Asked to recover a password with details that don’t fit",
	"recovery.code_entered": "Entered the code from the mail",
	"recovery.code_wrong":   "Entered a wrong code",
	"recovery.code_resent":  "Had the code sent once more",
	"user_id.requested":     "Asked for a forgotten user ID",
	"contact.code_sent":     "Had a code sent to confirm an address",
	"contact.code_wrong":    "Entered a wrong code for an address",
	"contact.confirmed":     "Confirmed e-mail address and telephone number",
	"email.changed":         "Changed the e-mail address",
	"email.confirmed":       "Confirmed the e-mail address",
	"phone.changed":         "Changed the telephone number",
	"notice.not_sent":       "A notice had no confirmed address to go to",
	"invitation.sent":       "Invited somebody",
	"invitation.resent":     "Sent an invitation once more",
	"invitation.revoked":    "Took an invitation back",
	"invitation.accepted":   "Accepted an invitation",
	"setup.code_made":       "The code for the first set-up was made",
	"setup.code_wrong":      "Entered a wrong set-up code",
	"setup.completed":       "Set the installation up",

	// people, roles, tokens
	"user.added":           "Added a person",
	"user.disabled":        "Disabled a person",
	"user.enabled":         "Enabled a person",
	"user.locked":          "Was locked after failed attempts",
	"user.unlocked":        "Unlocked a person",
	"role.granted":         "Gave somebody a role",
	"role.revoked":         "Took a role from somebody",
	"role.created":         "Made a role",
	"role.changed":         "Changed a role",
	"role.retired":         "Retired a role",
	"token.created":        "Made an API token",
	"token.revoked":        "Revoked an API token",
	"token.refused":        "An API token was refused: used from a wrong address, or its owner has something to do first",
	"token.used":           "Used an API token, the first time in a while",
	"policy.changed":       "Changed the security policy",
	"approval.requested":   "Asked for a second person’s approval",
	"approval.approved":    "Approved",
	"approval.rejected":    "Rejected what somebody asked approval for",
	"approval.withdrawn":   "Took back a request for approval",
	"break_glass.opened":   "Took emergency access",
	"break_glass.ended":    "Emergency access ended",
	"break_glass.reviewed": "Reviewed an emergency access",

	// organizations
	"account.added":      "Added an organization",
	"account.changed":    "Changed an organization",
	"identifier.added":   "Added an identifier that routes answers",
	"identifier.retired": "Retired an identifier",
	"practice.requested": "Asked to change the practice’s details",
	"practice.approved":  "Approved a change of the practice’s details",
	"practice.rejected":  "Rejected a change of the practice’s details",
	"practice.withdrawn": "Took back a change of the practice’s details",
	"texts.changed":      "Changed support contact or privacy policy",

	// looking
	"patient.list":         "Saw a list of patients’ rows",
	"patient.view":         "Saw a patient’s row or an original",
	"audit.exported":       "Exported the audit",
	"audit.read":           "Read the audit",
	"audit.patient_report": "Asked who saw a patient’s data",

	// the exchange
	"file.handed_in":                 "Handed a file in to be sent",
	"number.set":                     "Set the next control number of what is sent",
	"file.taken_in":                  "Had a file taken in",
	"file.sent_again":                "Had a file sent once more",
	"file.confirmed_sent":            "Confirmed that a file arrived",
	"file.voided":                    "Made a file void",
	"file.purged":                    "A file was taken out for good, with all its data",
	"purge.finished":                 "A purge ended",
	"unit.rerouted":                  "Gave a part of a file to another organization",
	"connection.added":               "Added a connection",
	"connection.changed":             "Changed a connection",
	"connection.deleted":             "Deleted a connection",
	"connection.paused":              "A connection was paused",
	"connection.resumed":             "A connection goes on",
	"connection.tested":              "Tested a connection",
	"connection.key_generated":       "Made a new key for a connection",
	"connection.credential_added":    "Entered a new credential for a connection",
	"connection.credential_promoted": "The new credential took the place of a connection’s present one",
	"connection.credential_removed":  "Removed the new credential of a connection",
	"connection.secrets_replaced":    "Entered secrets in place of ones that could not be opened any more",
	"connection.host_key_approved":   "Approved a server’s host key",
	"connection.host_keys_removed":   "Took approved host keys away",
	"dropbox.added":                  "Added a drop box",
	"dropbox.changed":                "Changed a drop box",
	"dropbox.deleted":                "Deleted a drop box",
	"dropbox.paused":                 "A drop box was paused",
	"dropbox.resumed":                "A drop box goes on",
	"dropbox.key_added":              "Let a key sign in to a drop box",
	"dropbox.key_removed":            "Took a key of a drop box away",
	"dropbox.signed_in":              "A partner signed in to a drop box",
	"dropbox.refused":                "A sign-in to a drop box was refused",
	"dropbox.banned":                 "An address was shut out of the drop boxes for a while",
	"dropbox.file_accepted":          "A partner’s file was accepted at a drop box",
	"dropbox.file_repeated":          "A partner sent a file to a drop box once more",
	"dropbox.file_refused":           "A partner’s file was refused at a drop box",
	"partner.added":                  "Added a partner",
	"partner.changed":                "Changed a partner",
	"schedule.added":                 "Added a schedule",
	"schedule.changed":               "Changed a schedule",
	"schedule.deleted":               "Deleted a schedule",
	"schedule.paused":                "Paused a schedule",
	"schedule.resumed":               "Let a schedule go on",
	"schedules.paused":               "Paused all schedules",
	"schedules.resumed":              "Let all schedules go on",
	"calendar.added":                 "Added a calendar",
	"calendar.changed":               "Changed a calendar",
	"calendar.deleted":               "Deleted a calendar",
	"run.requested":                  "Asked for a run",
	"run.cancelled":                  "Stopped a run",
	"job.retried":                    "Had a job tried again",
	"job.discarded":                  "Put a job aside",
	"job.cancelled":                  "Stopped a job",
	"incident.acknowledged":          "Looks after an incident",
	"incident.closed":                "Closed an incident",
}

// AuditSentence says an action to people; one that an older version left is shown as it is.
func AuditSentence(action string) string {
	if sentence := auditSentences[action]; sentence != "" {
		return sentence
	}
	return action
}

// KnowsAction says whether the audit knows the action or, of a text that ends with a dot, actions that begin so.
func KnowsAction(action string) bool {
	for known := range auditSentences {
		if known == action || strings.HasSuffix(action, ".") && strings.HasPrefix(known, action) {
			return true
		}
	}
	return false
}

// An AuditGroup is the actions that begin alike.
type AuditGroup struct{ Prefix, Title string }

var auditGroups = map[string]string{
	"signin": "Signing in", "session": "Sessions", "access": "Denied access", "factor": "Second factors", "password": "Passwords",
	"recovery": "Recovery", "invitation": "Invitations", "user": "People", "role": "Roles", "token": "API tokens", "policy": "Security policy",
	"approval": "Approvals", "break_glass": "Emergency access", "account": "Organizations", "identifier": "Identifiers", "practice": "Practice details",
	"patient": "Views of patients’ data", "audit": "The audit itself", "file": "Files", "unit": "Routing", "connection": "Connections",
	"partner": "Partners", "schedule": "Schedules", "calendar": "Calendars", "run": "Runs", "job": "Jobs", "incident": "Incidents", "purge": "Purges", "email": "E-mail addresses",
}

// AuditGroups returns the groups of actions that a person may look for, by title.
func AuditGroups() []AuditGroup {
	groups := []AuditGroup{}
	for _, name := range slices.Sorted(maps.Keys(auditGroups)) {
		groups = append(groups, AuditGroup{name + ".", auditGroups[name]})
	}
	slices.SortFunc(groups, func(a, b AuditGroup) int { return strings.Compare(a.Title, b.Title) })
	return groups
}
