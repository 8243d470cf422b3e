package accounts

import "fmt"

// A Deviation is a departure of a policy from current guidance, for the policy report.
type Deviation struct {
	Row     string // of the list of conflicts between older habits and guidance: "C1"
	Setting string // what is set, in a sentence
	Source  string // what says otherwise
	Effect  string // what it costs, and what speaks for it
}

// Deviations names each departure of a policy from NIST SP 800-63B-4 and OWASP ASVS 5.0.
func Deviations(p SecurityPolicy) []Deviation {
	p = p.withDefaults()
	var all []Deviation
	add := func(on bool, row, setting, source, effect string) {
		if on {
			all = append(all, Deviation{row, setting, source, effect})
		}
	}
	add(p.MaxAgeDays > 0, "C1", fmt.Sprintf("Passwords expire after %d days.", p.MaxAgeDays), "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.10",
		"People choose weaker passwords, and change a digit. Guidance asks for a change only when a password may be known to others.")
	add(p.History > 0, "C1", fmt.Sprintf("The last %d passwords are refused.", p.History), "NIST SP 800-63B-4, 3.1.1.2",
		"It only matters where passwords expire. Each change takes longer, as every former password is compared.")
	add(p.Classes > 0, "C2", fmt.Sprintf("Passwords must mix %d kinds of characters.", p.Classes), "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.5",
		"People put a capital letter first and a digit last. Length and the list of known passwords protect better.")
	add(p.SecurityQuestions, "C3", "Security questions are asked in recoveries.", "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.4.2",
		"Answers can often be looked up. They are never enough by themselves here.")
	add(p.ChallengeAlways, "C5", "The browser's security check runs at every sign-in.", "Web accessibility; NIST SP 800-63B-4, 3.2.2 asks for it after failures",
		"Every sign-in takes about a second longer, without a question to answer.")
	add(p.DetailedMessages, "C6", "Strangers are told why a sign-in fails: locked, disabled.", "OWASP ASVS 5.0, 6.3.8",
		"Whoever tries names can learn which of them exist.")
	add(p.Lockout.Manual, "C9", "Locked people wait until somebody unlocks them.", "NIST SP 800-63B-4, 3.2.2",
		"A stranger who knows a user ID can lock its owner out, except on devices the owner has signed in with before.")
	add(p.RecoveryCodeMinutes > 30, "C10", fmt.Sprintf("Recovery codes are good for %d minutes.", p.RecoveryCodeMinutes), "NIST SP 800-63B-4, 4.2.1.1",
		"A code in somebody else's hands is good for longer. The most that guidance allows by mail is a day.")
	add(p.ProviderSignIn, "C11", "An NPI can be typed in place of a user ID.", "NPIs are public; OWASP ASVS 5.0, 6.3.1",
		"Everybody knows a name to try. The failures of its owner count as usual.")
	add(p.Lockout.Failures > 10, "", fmt.Sprintf("%d failures in a row are allowed before a lock.", p.Lockout.Failures), "OWASP ASVS 5.0, 6.3.1",
		"Guidance allows up to 100; fewer leave less to guess.")
	add(p.TwoPerson == TwoPersonOff, "", "One person alone can weaken protection.", "HIPAA 164.308(a)(3); separation of duties",
		"Nobody else looks at changes of host keys, purges, bulk exports and this policy.")
	add(p.IdleMinutes > 30, "", fmt.Sprintf("Sessions last %d minutes without use.", p.IdleMinutes), "OWASP ASVS 5.0, 7.3.1; NIST allows up to 60",
		"An unattended screen stays open for longer.")
	return all
}

// Weakenings says in which respects the policy after protects less than before, in sentences.
func Weakenings(before, after SecurityPolicy) []string {
	before, after = before.withDefaults(), after.withDefaults()
	var all []string
	less := func(what string, old, now int) {
		if now < old {
			all = append(all, fmt.Sprintf("%s falls from %d to %d.", what, old, now))
		}
	}
	more := func(what string, old, now int) {
		if now > old {
			all = append(all, fmt.Sprintf("%s rises from %d to %d.", what, old, now))
		}
	}
	lost := func(what string, weaker bool) {
		if weaker {
			all = append(all, what)
		}
	}
	less("The least length of a password", max(before.MinLength, minPasswordWithMFA), max(after.MinLength, minPasswordWithMFA))
	less("The number of kinds of characters", before.Classes, after.Classes)
	less("The number of former passwords that are refused", before.History, after.History)
	lost("Passwords no longer expire, or later.", before.MaxAgeDays > 0 && (after.MaxAgeDays == 0 || after.MaxAgeDays > before.MaxAgeDays))
	more("The number of failures before a lock", before.Lockout.Failures, after.Lockout.Failures)
	less("The minutes of a lock", before.Lockout.Minutes, after.Lockout.Minutes)
	lost("Locks open by themselves.", before.Lockout.Manual && !after.Lockout.Manual)
	lost("Strangers are told why a sign-in fails.", after.DetailedMessages && !before.DetailedMessages)
	lost("An NPI becomes a sign-in name.", after.ProviderSignIn && !before.ProviderSignIn)
	lost("The security check is no longer asked for at every sign-in.", before.ChallengeAlways && !after.ChallengeAlways)
	lost("Fewer people need a second factor.", fewerFactors(before.RequireMFA, after.RequireMFA))
	more("The minutes of a session without use", before.IdleMinutes, after.IdleMinutes)
	more("The hours of a session", before.SessionHours, after.SessionHours)
	more("The number of sessions at a time", before.Sessions, after.Sessions)
	more("The minutes of a recovery code", before.RecoveryCodeMinutes, after.RecoveryCodeMinutes)
	less("The number of proofs in a recovery", before.IdentityProofs, after.IdentityProofs)
	lost("Weakening protection takes one person only.", stricterTwoPerson(before.TwoPerson, after.TwoPerson) != after.TwoPerson)
	more("The days until contact data are to be confirmed", before.ContactConfirmDays, after.ContactConfirmDays)
	return all
}

func fewerFactors(before, after RequiredMFA) bool {
	if after.All {
		return false
	}
	return before.All || len(union(before.Roles, after.Roles)) > len(union(nil, after.Roles))
}
