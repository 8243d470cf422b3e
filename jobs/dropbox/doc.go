// Package dropbox is an SFTP server of our own, for partners that can send files and not be pulled from. What they put into the
// folder /in becomes ours as what is pulled does: encrypted on its way into the archive, then file row, loading job and event of the
// audit in one transaction, and only after its commit is the partner told that the file was closed. Whoever is not told sends again;
// the same bytes under the same name are known and stay one file.
//
//	connect → handshake → sign-in by key → open → write … → close ─┬─▶ accepted (a file of ours)
//	                                                              └─▶ staged (a temporary name) → rename → accepted
//
// Nothing of it is a folder on a disk: names lead nowhere, and each drop box sees its own files only. A connection that is cut
// before a file was closed leaves nothing.
package dropbox
