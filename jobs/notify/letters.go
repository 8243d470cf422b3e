package notify

// A letter is the text of a mail to one person. Values stand in braces; a paragraph that names a value
// which isn't there is left out, so that one text serves several cases.
type letter struct {
	subject string
	text    []string // paragraphs before the code
	after   []string // paragraphs after it
	page    string   // of the portal, for its link; "": none
	other   string   // what to do if it was somebody else; "": the usual
}

const (
	notMe   = "Was it not you? Then change your password at once and tell {support}."
	noOrder = "If you didn’t ask for this, you need not do anything. Nobody gets in by the code without this mail; tell {support} if it happens again."
)

// letters are all mails to persons, by template.
var letters = map[string]letter{
	// Codes. They are typed in: a link that carries one could be opened by whoever checks mail for viruses.
	"recovery_code": {
		subject: "Your code to set a new password",
		text:    []string{"Somebody, we hope you, asked for a new password for your user ID {login}. Type this code into the page that is still open in your browser:"},
		after:   []string{"It is valid until {until}, once, and only in the browser that asked for it.", "Your second factor stays as it is: you need it at the next sign-in."},
		other:   noOrder,
	},
	"reset_code": {
		subject: "An administrator started a password reset for you",
		text:    []string{"{by} started a reset of your password for the user ID {login}. Open {link} and type in this code:"},
		after:   []string{"It is valid until {until}, once. Your old password works until then."},
		other:   "Did you not expect this? Then ask {support} before you use the code.",
		page:    "/recover/reset",
	},
	"user_id": {
		subject: "Your user ID",
		text:    []string{"You asked for your user ID. It is:"},
		after:   []string{"Capital letters count. Sign in at {link}."},
		page:    "/sign-in", other: noOrder,
	},
	"invitation": {
		subject: "Your invitation to {operator}",
		text:    []string{"{by} invites you to {place} as {role}. Your user ID will be {login}.", "Open {link} and type in this code:"},
		after:   []string{"It is valid until {until}, once. You choose your own password there; nobody else will know it."},
		page:    "/invitation", other: "Did you not expect this? Then delete this mail, or ask {support}.",
	},
	"confirm_contact": {
		subject: "Your code to confirm this address",
		text:    []string{"Type this code into the portal to confirm that mail to this address reaches you:"},
		after:   []string{"It is valid until {until}, once."},
		other:   noOrder,
	},

	// Notices: what was done with somebody's account.
	"password_changed": {subject: "Your password was changed", text: []string{
		"The password of your user ID {login} was changed on {at}, from the address {from}.", "All other sessions have ended.",
	}},
	"email_changed": {subject: "Your e-mail address was changed", text: []string{
		"The e-mail address of your user ID {login} was changed on {at} from {old} to {new}.", "Changed by: {by}.", "This mail goes to both addresses.",
	}},
	"phone_changed": {subject: "Your phone number was changed", text: []string{
		"The phone number of your user ID {login} was changed on {at}.", "Changed by: {by}.",
	}},
	"factor_added": {subject: "A second factor was added", text: []string{
		"On {at} this was added to your user ID {login} as a way to prove that it is you: {factor}.",
	}},
	"factor_removed": {subject: "A second factor was removed", text: []string{
		"On {at} this was removed from your user ID {login} and no longer proves that it is you: {factor}.", "Removed by: {by}.",
	}},
	"recovery_used": {subject: "Access was recovered", text: []string{
		"On {at} this was used to get back into your user ID {login}: {what}.", "It came from the address {from}.",
	}},
	"locked": {
		subject: "Your user ID is locked", text: []string{
			"Your user ID {login} was locked on {at}: {reason}.", "It opens by itself on {until}.",
		},
		other: "If it wasn’t you who tried, somebody else did. Your password was not found out. Ask {support} if you need to get in sooner.",
	},
	"unlocked": {subject: "Your user ID is unlocked", text: []string{
		"Your user ID {login} was unlocked on {at}.", "Unlocked by: {by}.",
	}},
	"new_device": {subject: "A sign-in from a new browser", text: []string{
		"On {at} somebody signed in with your user ID {login} from a browser that we had not seen before: {browser}.", "The address was {address}.",
	}},
	"role_changed": {
		subject: "Your access was changed", text: []string{
			"On {at} your access at {place} was changed. You are there now: {role}.", "Changed by: {by}.",
		},
		other: "Is that not right? Then ask {support}.",
	},
	"access_ended": {
		subject: "Your access has ended", text: []string{
			"On {at} the access of your user ID {login} to {place} was ended.", "Ended by: {by}.",
		},
		other: "Is that not right? Then ask {support}.",
	},
	"session_ended_by_admin": {subject: "Your sessions were ended", text: []string{
		"On {at} an administrator ended all sessions of your user ID {login}. Sign in again to go on.", "API tokens that were ended with them: {tokens}.", "Ended by: {by}.",
	}},
	"break_glass": {
		subject: "Emergency access was taken", text: []string{
			"On {at} {who} took emergency access to {place}, until {until}. What they look at is written down; please review it.",
		},
		other: "Ask {support} if you know of no emergency.",
	},
	"access_of_others_changed": {
		subject: "Somebody’s access was changed", text: []string{
			"On {at} the access of {who} at {place} was changed: {change}.", "Changed by: {by}.",
		},
		other: "Is that not right? Then look at the portal’s page of people, or ask {support}.",
	},
	"password_expiring": {
		subject: "Your password is about to expire", text: []string{
			"The password of your user ID {login} can be used until {until}. Choose a new one before then; after that you are asked for one at the next sign-in.",
		},
		page: "/account/password", other: "Ask {support} if you have a question about this.",
	},
}
