package coverdoc

// A Row is a promise of the list, in our words.
type Row struct {
	ID        string
	Promise   string
	Elsewhere string // the part of ediport to which the row belongs, if that is not accounts; such a row needs no test here
	Unmet     string // why a row of accounts is not met yet; empty for all others
}

// A Group is the rows of one kind.
type Group struct {
	Title, About string
	Rows         []Row
}

// Parts of ediport that rows belong to beside accounts.
const (
	singleSignOn = "single sign-on"
	messaging    = "codes by SMS and push"
	exchange     = "file exchange over SFTP"
	intake       = "intake of files and uploads"
	exports      = "exports of results"
	engine       = "the X12 engine"
	webhooks     = "webhooks"
	operation    = "operation, backup and release"
)

// Groups are all rows: those of accounts, and the security and HIPAA rows that belong elsewhere, so that none is lost.
func Groups() []Group {
	return []Group{
		{"What people are promised", "What users of payers' provider portals are used to, and what they complain about.", promises},
		{"Security", "What OWASP ASVS 5.0 level 2 and NIST SP 800-63B-4 at AAL2 ask for.", security},
		{"HIPAA", "45 CFR 164.312 in force (H1 to H9), and the rule proposed in 2025 (H10 to H14).", hipaa},
	}
}

// MaxUnmet is how many rows of accounts may stay unmet, each with its reason.
const MaxUnmet = 5
