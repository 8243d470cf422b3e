// Package transfer works on one remote folder over SFTP: it lists what is there, tells files that
// stand still from files still being written, fetches them as a stream, and archives or deletes
// them afterwards.
//
// A pull, as a job does it:
//
//	client, err := transfer.Dial(ctx, endpoint)      // one connection per run
//	look, err := client.Await(ctx, listing, settle)  // whole files only
//	for _, file := range look.Ready {
//		n, err := client.Download(ctx, file, archiveWriter) // ErrChanged: discard, try again
//		…commit…
//		where, err := client.Archive(ctx, file, "/outbound/archive")
//	}
//
// The package trusts no server. Host keys are pinned by SHA-256 fingerprint and checked before any
// password or key is used. Every wait has a limit: connecting, the handshake, a connection that goes
// mute, a server that answers keep-alives but not requests. Names come from outside and may be
// anything; see [RemoteFile] for what is refused and [SafeName] and [Escape] for what to do with the rest.
//
// An operation on a connection that was cancelled or lost fails at once, and so does every later one:
// SFTP can't take a request back, so cancelling closes the connection. Dial again.
//
// Errors answer Code() and Permanent() (see [Code] and [Permanent]) and carry neither file names nor
// anything a server said about a file: names can hold patient data.
package transfer
