package jobs

// A Problem is what a person reads about a code: pages, API, command line and run logs share it.
type Problem struct {
	Code     string
	Sentence string // what happened
	Next     string // what to do
	Retry    bool   // it is tried again by itself
	Alert    bool   // somebody should be told
}

// Explain returns the problem of a code. An unknown code gets the sentence for "something broke on
// our side", and false.
func Explain(code string) (Problem, bool) {
	p, ok := problems[code]
	if !ok {
		p = problems["job.unexpected"]
	}
	p.Code = code
	return p, ok
}

// Problems returns the whole table, by code.
func Problems() map[string]Problem {
	all := make(map[string]Problem, len(problems))
	for code := range problems {
		all[code], _ = Explain(code)
	}
	return all
}

var problems = map[string]Problem{
	// Reaching and signing in to the partner's server.
	"transfer.endpoint_invalid":       {Sentence: "The connection's settings are incomplete or wrong.", Next: "Open the connection and correct what its test names.", Alert: true},
	"transfer.private_key_unreadable": {Sentence: "The private key can't be read.", Next: "Paste the whole key, from its BEGIN to its END line, and its passphrase if it has one.", Alert: true},
	"transfer.host_not_found":         {Sentence: "The server's name can't be resolved.", Next: "Check the spelling of the host, and that this machine's name service knows it.", Retry: true},
	"transfer.address_refused":        {Sentence: "This installation does not permit connections to that address.", Next: "Ask the operator to permit it, or use another host.", Alert: true},
	"transfer.connect_failed":         {Sentence: "The server can't be reached.", Next: "Check host and port, and ask the partner whether our address is allowed through their firewall.", Retry: true},
	"transfer.timeout":                {Sentence: "The server did not answer in time.", Next: "If it stays so, ask the partner whether the server is up and our address is allowed.", Retry: true},
	"transfer.not_ssh":                {Sentence: "What answers at that port is not a working SSH server.", Next: "Check the port; SFTP is not FTP or FTPS.", Retry: true},
	"transfer.no_common_algorithm":    {Sentence: "The server offers only algorithms that are not accepted any more.", Next: "Ask the partner to enable current algorithms.", Alert: true},
	"transfer.auth_failed":            {Sentence: "The server refused the sign-in, so the connection was paused before it could lock the account.", Next: "Check user, password or key with the partner, correct them, then resume the connection.", Alert: true},
	"transfer.sftp_unavailable":       {Sentence: "The server has no SFTP for this account.", Next: "Ask the partner to enable it.", Alert: true},
	"transfer.connection_lost":        {Sentence: "The connection broke off.", Next: "If it stays so, ask the partner whether the server or a firewall ends our connections.", Retry: true},
	"transfer.canceled":               {Sentence: "The transfer was stopped.", Next: "Nothing; what was left undone is done by the next run.", Retry: true},
	"transfer.host_key_unknown":       {Sentence: "The server's host key has not been approved yet.", Next: "Compare the fingerprint with one the partner gave you by another way, approve it, then resume the connection.", Alert: true},
	"transfer.host_key_changed":       {Sentence: "The server shows another host key than the approved one, so nothing was sent to it and the connection is paused.", Next: "Ask the partner, by phone or a known address, whether they changed their key. Approve the new one only then.", Alert: true},

	// Folders and files over there.
	"transfer.folder_missing":    {Sentence: "The remote folder does not exist.", Next: "Check its name with the partner; without a leading slash it is relative to where the session starts.", Alert: true},
	"transfer.file_gone":         {Sentence: "The file was no longer there when its turn came.", Next: "Nothing, unless the partner misses it.", Retry: true},
	"transfer.permission_denied": {Sentence: "The server denies permission.", Next: "Ask the partner to allow this account to do it.", Alert: true},
	"transfer.server_refused":    {Sentence: "The server could not do it.", Next: "If it stays so, ask the partner what their server's log says.", Retry: true},
	"transfer.file_changed":      {Sentence: "The file changed while it was read; what had come was thrown away.", Next: "Nothing: it is taken when it stands still.", Retry: true},
	"transfer.file_too_large":    {Sentence: "The file is larger than the connection allows.", Next: "Raise the connection's largest file size if the file is expected.", Alert: true},
	"transfer.listing_too_large": {Sentence: "The remote folder holds too many files.", Next: "Ask the partner to clear it, or choose a smaller one.", Alert: true},
	"transfer.name_refused":      {Sentence: "The remote file's name can't be used.", Next: "Ask the partner to rename it.", Alert: true},
	"transfer.pattern_invalid":   {Sentence: "A name pattern of the connection is malformed.", Next: "Correct the patterns.", Alert: true},

	// Connections and schedules.
	"connection.invalid":            {Sentence: "The connection's settings are incomplete or wrong.", Next: "Correct the fields that are named."},
	"connection.secrets_unreadable": {Sentence: "The connection's secrets can't be opened with this installation's master key.", Next: "Restore the master key that was in use, or enter password or key again.", Alert: true},
	"schedule.spec_invalid":         {Sentence: "The schedule's time can't be understood.", Next: "Use five cron fields, a word such as @daily, or an interval such as @every 15m."},

	// Runs.
	"run.connection_paused":   {Sentence: "The connection is paused.", Next: "See why at the connection, then resume it."},
	"run.connection_gone":     {Sentence: "The connection does not exist any more.", Next: "Delete the schedule, or give it another connection.", Alert: true},
	"run.nothing_to_pull":     {Sentence: "The connection has no folder to pull from.", Next: "Enter its folder."},
	"run.overlaps":            {Sentence: "The run before was still under way, so this one was left out.", Next: "Nothing, if it is rare; else let the schedule run less often."},
	"run.missed":              {Sentence: "Nothing was running when this was due.", Next: "See the schedule's policy for missed runs."},
	"run.kind_unknown":        {Sentence: "This release does not know the schedule's kind of work.", Next: "Update all processes, or delete the schedule.", Alert: true},
	"run.cancelled":           {Sentence: "A person cancelled the run.", Next: "What was left undone is done by the next run."},
	"run.gave_up":             {Sentence: "The process that did this work ended several times, so it was given up.", Next: "Look into the log of the processes; the run can be started again.", Alert: true},
	"run.node_lost":           {Sentence: "The process lost touch with the database and stopped its work.", Next: "Nothing: another process goes on.", Retry: true},
	"run.handed_back":         {Sentence: "The process was stopped; the work was handed back.", Next: "Nothing: it goes on at once where a process is running.", Retry: true},
	"run.started":             {Sentence: "The run began."},
	"run.taken_over":          {Sentence: "Another process had begun the run and was lost; this one goes on."},
	"run.retried":             {Sentence: "It will be tried again."},
	"run.succeeded":           {Sentence: "The run ended well."},
	"pull.connected":          {Sentence: "Connected and signed in."},
	"pull.listed":             {Sentence: "The remote folder was read."},
	"pull.waiting":            {Sentence: "Files that may still be written are left for later."},
	"pull.limit":              {Sentence: "There are more files than one run takes; the others come with the next."},
	"pull.file_taken":         {Sentence: "A file was taken."},
	"pull.file_empty":         {Sentence: "An empty file was noted."},
	"pull.file_same_bytes":    {Sentence: "A file was taken whose bytes this connection brought before."},
	"pull.file_failed":        {Sentence: "A file could not be taken; the others go on.", Next: "See the reason beside it; it is tried again."},
	"pull.archived":           {Sentence: "A remote file was moved to its archive folder."},
	"pull.deleted":            {Sentence: "A remote file was deleted."},
	"pull.remote_changed":     {Sentence: "A remote file had changed since it was taken and was left alone.", Next: "Nothing: it is taken again when it stands still."},
	"pull.remote_gone":        {Sentence: "A remote file that was taken is not there any more."},
	"pull.finished_earlier":   {Sentence: "What an earlier run had left undone at the server was finished."},
	"pull.after_failed":       {Sentence: "Files were taken, but could not be moved or deleted at the server.", Next: "If it stays so, ask the partner what their server's log says.", Retry: true},
	"pull.after_refused":      {Sentence: "Files were taken, but the server does not let us move or delete them.", Next: "Ask the partner for the right to do it, or choose to leave files where they are.", Alert: true},
	"pull.files_failed":       {Sentence: "Some files could not be taken.", Next: "See the run's log; they are tried again.", Retry: true},
	"pull.files_refused":      {Sentence: "Some files can't be taken as they are.", Next: "See the run's log for the reason of each.", Alert: true},
	"pull.file_timeout":       {Sentence: "A file took longer than its size allows.", Next: "If it stays so, ask the partner about the server's speed.", Retry: true},
	"file.same_bytes":         {Sentence: "The same bytes came before over this connection."},
	"archive.failed":          {Sentence: "The archive could not store the file.", Next: "Check the disk's free space and permissions.", Retry: true, Alert: true},
	"ingest.failed":           {Sentence: "The file could not be loaded.", Next: "Look at the file's findings; it can be loaded again from the archive.", Alert: true},
	"ingest.archive_damaged":  {Sentence: "The archived original can't be read.", Next: "Restore the archive, or ask the sender for the file again.", Retry: true, Alert: true},
	"ingest.number_too_large": {Sentence: "An amount is larger or finer than can be kept exactly.", Next: "Ask the sender for a corrected file.", Alert: true},
	"ingest.element_too_long": {Sentence: "A name or an identifier has more than 256 bytes.", Next: "Ask the sender for a corrected file."},
	"ingest.claim_too_large":  {Sentence: "One claim or person takes more than 8 MB of the file.", Next: "Ask the sender whether the file is meant so."},
	"ingest.timeout":          {Sentence: "Loading the file took longer than its size allows.", Next: "Look at the database's load; the file can be loaded again.", Retry: true, Alert: true},
	"job.unexpected":          {Sentence: "Something broke on our side.", Next: "Give support the run's id.", Retry: true, Alert: true},
}
