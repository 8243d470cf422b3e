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
	"transfer.certificate_unusable":   {Sentence: "The SSH certificate can't be used.", Next: "Paste a certificate that was made for the connection's key and has not ended.", Alert: true},
	"transfer.proxy_refused":          {Sentence: "The proxy or jump host does not let us through to the server.", Next: "Check its address and sign-in at the connection, and ask its operator to allow the way to the partner's server.", Retry: true},

	// People.
	"access.break_glass": {Sentence: "Somebody took emergency access to an account.", Next: "Look at what was done with it, and write the review down under Emergency access.", Alert: true},

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
	"transfer.name_taken":        {Sentence: "A file of that name exists at the server already; it was not replaced.", Next: "Ask the partner to remove it, or send the file again under another name.", Alert: true},
	"transfer.upload_incomplete": {Sentence: "The server has not all of the file.", Next: "If it stays so, ask the partner whether their server changes files while they are written.", Retry: true},
	"transfer.no_space":          {Sentence: "The server has no room left.", Next: "Ask the partner to make room.", Retry: true},

	// Connections and schedules.
	"connection.invalid":            {Sentence: "The connection's settings are incomplete or wrong.", Next: "Correct the fields that are named."},
	"connection.host_keys_guarded":  {Sentence: "Other host keys for a connection that has some take a second person, so nothing was changed.", Next: "Leave the keys as they were to save the rest. Ask for the change under “Host keys” on the connection's page; another administrator approves it."},
	"connection.changed_since":      {Sentence: "The connection was changed or deleted since this was asked for, so nothing was done.", Next: "Reject or withdraw the request, look at the connection as it is now, and ask again."},
	"connection.secrets_unreadable": {Sentence: "The connection's secrets can't be opened with this installation's master key.", Next: "Restore the master key that was in use, or enter password or key again.", Alert: true},
	"connection.no_next_credential": {Sentence: "No new credential waits at the connection.", Next: "Look at the connection again: it may have taken over already, or somebody removed it."},
	"connection.next_works":         {Sentence: "The server refuses the present credential and accepts the new one.", Next: "Let the new one take over, at the connection: the present one is removed then."},
	"connection.present_works":      {Sentence: "The server refuses the new credential, which had worked, and accepts the present one again.", Next: "Ask the partner which of the two is to hold."},
	"connection.next_took_over":     {Sentence: "The new credential took the place of the present one, which is removed."},
	"connection.file_overdue":       {Sentence: "No file has come by the time at which one was expected.", Next: "Look at the connection's latest runs; if they are well, ask the partner where the file is.", Alert: true},
	"schedule.spec_invalid":         {Sentence: "The schedule's time can't be understood.", Next: "Use five cron fields, a word such as @daily, times of day such as at 06:30,12:00, or an interval such as @every 15m; correct the fields that are named."},
	"calendar.invalid":              {Sentence: "The calendar is incomplete or wrong.", Next: "Correct the fields that are named."},

	// Runs.
	"run.connection_paused": {Sentence: "The connection is paused.", Next: "See why at the connection, then resume it."},
	"run.connection_gone":   {Sentence: "The connection does not exist any more.", Next: "Choose another connection; if a schedule asked for it, delete the schedule or give it another one.", Alert: true},
	"run.nothing_to_pull":   {Sentence: "The connection has no folder to pull from.", Next: "Enter its folder."},
	"run.overlaps":          {Sentence: "The run before was still under way, so this one was left out.", Next: "Nothing, if it is rare; else let the schedule run less often."},
	"run.missed":            {Sentence: "Nothing was running when this was due.", Next: "See the schedule's policy for missed runs."},
	"run.kind_unknown":      {Sentence: "This release does not know the schedule's kind of work.", Next: "Update all processes, or delete the schedule.", Alert: true},
	"run.cancelled":         {Sentence: "A person cancelled the run.", Next: "What was left undone is done by the next run."},
	"run.gave_up":           {Sentence: "The process that did this work ended several times, so it was given up.", Next: "Look into the log of the processes; the run can be started again.", Alert: true},
	"run.node_lost":         {Sentence: "The process lost touch with the database and stopped its work.", Next: "Nothing: another process goes on.", Retry: true},
	"run.handed_back":       {Sentence: "The process was stopped; the work was handed back.", Next: "Nothing: it goes on at once where a process is running.", Retry: true},
	"run.started":           {Sentence: "The run began."},
	"run.taken_over":        {Sentence: "Another process had begun the run and was lost; this one goes on."},
	"run.retried":           {Sentence: "It will be tried again."},
	"run.succeeded":         {Sentence: "The run ended well."},
	"pull.connected":        {Sentence: "Connected and signed in."},
	"pull.listed":           {Sentence: "The remote folder was read."},
	"pull.waiting":          {Sentence: "Files that may still be written are left for later."},
	"pull.limit":            {Sentence: "There are more files than one run takes; the others come with the next."},
	"pull.file_taken":       {Sentence: "A file was taken."},
	"pull.file_empty":       {Sentence: "An empty file was noted."},
	"pull.file_same_bytes":  {Sentence: "A file was taken whose bytes this connection brought before."},
	"pull.file_failed":      {Sentence: "A file could not be taken; the others go on.", Next: "See the reason beside it; it is tried again."},
	"pull.resumed":          {Sentence: "The connection broke; the download went on where it ended."},
	"pull.set_aside":        {Sentence: "A file that can't be taken was moved to the error folder."},
	"pull.marker_missing":   {Sentence: "Files have waited long for their done markers, or markers for their files.", Next: "Ask the partner whether the transfer was complete."},
	"pull.archived":         {Sentence: "A remote file was moved to its archive folder."},
	"pull.copied":           {Sentence: "The server could not rename a file, so it was copied to its archive folder, compared, and deleted where it was."},
	"pull.deleted":          {Sentence: "A remote file was deleted."},
	"pull.remote_changed":   {Sentence: "A remote file had changed since it was taken and was left alone.", Next: "Nothing: it is taken again when it stands still."},
	"pull.remote_gone":      {Sentence: "A remote file that was taken is not there any more."},
	"pull.finished_earlier": {Sentence: "What an earlier run had left undone at the server was finished."},
	"pull.after_failed":     {Sentence: "Files were taken, but could not be moved or deleted at the server.", Next: "If it stays so, ask the partner what their server's log says.", Retry: true},
	"pull.after_refused":    {Sentence: "Files were taken, but the server does not let us move or delete them.", Next: "Ask the partner for the right to do it, or choose to leave files where they are.", Alert: true},
	"pull.files_failed":     {Sentence: "Some files could not be taken.", Next: "See the run's log; they are tried again.", Retry: true},
	"pull.files_refused":    {Sentence: "Some files can't be taken as they are.", Next: "See the run's log for the reason of each.", Alert: true},
	"pull.file_timeout":     {Sentence: "A file took longer than its size allows.", Next: "If it stays so, ask the partner about the server's speed.", Retry: true},
	// Taking data out for good.
	"purge.file_purged":  {Sentence: "A file was purged: its data, its name and its original are gone."},
	"purge.file_kept":    {Sentence: "A file was left alone: it is under way, or holds something else by now.", Next: "Ask for another purge if it is still to go."},
	"purge.too_young":    {Sentence: "The purge reaches data that must be kept longer.", Next: "Ask for a purge with an earlier day.", Alert: true},
	"purge.invalid":      {Sentence: "What is to be purged can't be understood.", Next: "Ask for the purge anew.", Alert: true},
	"purge.blobs_failed": {Sentence: "Originals of purged files could not be removed from the archive.", Next: "Check that the archive's disk is there and can be written to.", Retry: true},

	// Delivering files.
	"run.nothing_to_push":           {Sentence: "The connection has no folder to deliver to.", Next: "Enter its outbound folder."},
	"dropbox.invalid":               {Sentence: "The drop box's settings are incomplete or wrong.", Next: "Correct what is named beside the fields."},
	"push.connected":                {Sentence: "Connected and signed in."},
	"push.sent":                     {Sentence: "A file was delivered."},
	"push.found":                    {Sentence: "A file was found at the server that had been delivered before a crash or a broken connection."},
	"push.started_again":            {Sentence: "An upload that had broken off was begun again from its start."},
	"push.resent":                   {Sentence: "Nobody knew whether a file had arrived, so the same bytes were sent again, as the connection's settings say."},
	"push.other_name":               {Sentence: "Another file has the name; nothing was replaced, and the next name is used."},
	"push.uncertain":                {Sentence: "Nobody knows whether a file arrived; it waits for a person."},
	"push.file_failed":              {Sentence: "A file could not be delivered; the others go on.", Next: "See the reason beside it; it is tried again."},
	"push.files_failed":             {Sentence: "Some files could not be delivered.", Next: "See the run's log; they are tried again.", Retry: true},
	"push.files_refused":            {Sentence: "Some files can't be delivered as things are.", Next: "See the run's log for the reason of each; what waits is tried again later.", Alert: true},
	"push.temporary_left":           {Sentence: "What an earlier attempt left under a temporary name could not be removed; the file is written under another one.", Next: "Remove it at the server, or let the partner permit removing."},
	"push.side_file_failed":         {Sentence: "A file was delivered, but its checksum could not be put beside it.", Next: "See the reason beside it; send the partner the checksum if it is needed."},
	"push.time_not_kept":            {Sentence: "A file was delivered, but the server did not let us set its time.", Next: "Nothing, if the partner does not go by times; else don't have them kept."},
	"push.unclear":                  {Sentence: "The connection broke each time before it was known what became of a file.", Next: "Nothing: the next attempt looks again.", Retry: true},
	"outbound.no_folder":            {Sentence: "It is kept here: no connection has a folder for acknowledgments.", Next: "Enter one at the partner's connection, then send the file again if it is still wanted."},
	"outbound.policy":               {Sentence: "It is kept here: the partner is not to be sent such acknowledgments.", Next: "Change that at the partner, or send this one by hand."},
	"outbound.held":                 {Sentence: "It is kept here: what it answers waits for a person.", Next: "Send it when that is decided."},
	"outbound.uncertain":            {Sentence: "Nobody knows whether the file arrived.", Next: "Ask the partner, then confirm that it arrived, send it again, or make it void.", Alert: true},
	"outbound.found":                {Sentence: "It was found at the server after a crash or a broken connection."},
	"outbound.person":               {Sentence: "A person confirmed that it arrived."},
	"outbound.acknowledged":         {Sentence: "Its receiver answered it, so it arrived."},
	"outbound.again":                {Sentence: "It is to be sent again."},
	"outbound.voided":               {Sentence: "A person took it back; its control numbers stay with it."},
	"outbound.accepted":             {Sentence: "The receiver accepted it."},
	"outbound.accepted_with_errors": {Sentence: "The receiver accepted it, but found errors.", Next: "Look at the acknowledgment."},
	"outbound.partly_accepted":      {Sentence: "The receiver accepted part of it.", Next: "Look at the acknowledgment; send what was refused anew, corrected.", Alert: true},
	"outbound.rejected":             {Sentence: "The receiver rejected it.", Next: "Look at the acknowledgment; correct what it names and send it anew.", Alert: true},
	"outbound.unclear":              {Sentence: "The receiver's acknowledgment does not say what became of it.", Next: "Look at the acknowledgment, and ask the partner.", Alert: true},
	"outbound.unreadable":           {Sentence: "The archived file can't be read, so it can't be delivered.", Next: "Restore the archive, then send the file again, or hand it in anew.", Alert: true},
	"outbound.not_x12":              {Sentence: "The file is not readable X12 from end to end.", Next: "Correct it, or say that it is to go as it is."},
	"outbound.name":                 {Sentence: "The file's name can't be used.", Next: "Choose a name of letters, digits, dots and dashes, without a slash."},
	"outbound.number":               {Sentence: "There is no such sequence of control numbers.", Next: "Give sender and receiver as qualifier and identity (ZZ:NAME), usage P or T, and a number from 1 to 999999999."},
	"outbound.sent_before":          {Sentence: "The same bytes were queued or delivered over this connection before.", Next: "See that file; if it is meant so, say that it is to go again."},
	"outbound.too_large":            {Sentence: "The file is larger than the connection allows.", Next: "Raise the connection's largest file size if the file is meant."},
	"partner.invalid":               {Sentence: "The partner's settings are incomplete or wrong.", Next: "Correct the fields that are named."},

	"file.unwrapped":          {Sentence: "The file was opened; what was in it are files of their own."},
	"file.unwrapped_empty":    {Sentence: "The file was opened; there was nothing in it.", Next: "Ask the sender whether that was meant."},
	"wrap.damaged":            {Sentence: "The packed file is damaged or incomplete.", Next: "Ask the sender for the file again.", Alert: true},
	"wrap.too_large":          {Sentence: "The packed file opens to more bytes than are allowed.", Next: "Ask the sender whether the file is meant so, and for smaller ones.", Alert: true},
	"wrap.ratio":              {Sentence: "The packed file opens to so many times its size that it looks like an attack.", Next: "Ask the sender whether the file is meant so.", Alert: true},
	"wrap.too_many":           {Sentence: "There are more files in the packed file than are allowed.", Next: "Ask the sender for smaller ones.", Alert: true},
	"wrap.too_deep":           {Sentence: "The file is packed inside packed files more often than is allowed.", Next: "Ask the sender to pack it once.", Alert: true},
	"wrap.overlap":            {Sentence: "The packed file names the same bytes more than once, which looks like an attack.", Next: "Ask the sender whether the file is meant so.", Alert: true},
	"wrap.password":           {Sentence: "The packed file is protected by a password.", Next: "Ask the sender to encrypt with OpenPGP instead.", Alert: true},
	"wrap.unsupported":        {Sentence: "The file is packed in a way that is not supported.", Next: "Ask the sender for zip, gzip, or an OpenPGP message.", Alert: true},
	"wrap.no_key":             {Sentence: "The file is encrypted for another key than the connection's.", Next: "Send the partner the connection's public OpenPGP key, or enter the private key that fits; then load the file again.", Alert: true},
	"wrap.signature":          {Sentence: "The file's signature does not fit its content.", Next: "Ask the partner, by phone or a known address, what they sent.", Alert: true},
	"wrap.signature_missing":  {Sentence: "The file is not signed by a key of the partner's.", Next: "Enter the partner's public OpenPGP key, or ask them to sign.", Alert: true},
	"wrap.key":                {Sentence: "The OpenPGP key can't be used.", Next: "Check the connection's OpenPGP key and its passphrase, and whether it has expired.", Alert: true},
	"file.same_bytes":         {Sentence: "The same bytes came before over this connection."},
	"archive.failed":          {Sentence: "The archive could not store the file.", Next: "Check the disk's free space and permissions.", Retry: true, Alert: true},
	"ingest.failed":           {Sentence: "The file could not be loaded.", Next: "Look at the file's findings; it can be loaded again from the archive.", Alert: true},
	"ingest.archive_damaged":  {Sentence: "The archived original can't be read.", Next: "Restore the archive, or ask the sender for the file again.", Retry: true, Alert: true},
	"ingest.number_too_large": {Sentence: "An amount is larger or finer than can be kept exactly.", Next: "Ask the sender for a corrected file.", Alert: true},
	"ingest.element_too_long": {Sentence: "A name or an identifier has more than 256 bytes.", Next: "Ask the sender for a corrected file."},
	"ingest.claim_too_large":  {Sentence: "One claim or person takes more than 8 MB of the file.", Next: "Ask the sender whether the file is meant so."},
	"ingest.timeout":          {Sentence: "Loading the file took longer than its size allows.", Next: "Look at the database's load; the file can be loaded again.", Retry: true, Alert: true},

	// Telling people outside. These stand in the outbox, not in a run's log.
	"notify.address_refused": {Sentence: "The notice's target is an address of this machine or of a private network, which is not permitted.", Next: "List the network in notify_allow if it is meant so.", Retry: true, Alert: true},
	"notify.unreachable":     {Sentence: "The webhook or the mail server can't be reached.", Next: "Check its address, certificate and the firewall.", Retry: true},
	"notify.refused":         {Sentence: "The webhook or the mail server refused the notice.", Next: "See the status in the log, then correct the target's settings.", Retry: true},
	"notify.timeout":         {Sentence: "The webhook or the mail server did not answer in time.", Next: "If it stays so, ask who runs it.", Retry: true},

	"job.unexpected": {Sentence: "Something broke on our side.", Next: "Give support the run's id.", Retry: true, Alert: true},
}
