// Package notify tells people and systems outside what happened: it sends the messages that wait in
// the outbox, as mail and as webhooks.
//
//	n, err := notify.Start(notify.Config{DB: db, Webhook: notify.Webhook{URL: "https://hooks.example/ediport", Secret: secret}})
//	…
//	err = n.Stop(ctx)
//
// A message is written to the outbox in the transaction of what it tells, so none is lost and none
// tells what did not happen. Any number of nodes look for messages; each is taken by one at a time.
// A node that is lost between sending and noting it makes a message come twice: its id is the same
// then. A message that can't be sent is tried again for about half a day.
//
//	waiting → sent | failed (given up) | cancelled (nothing to tell any more, or no way to tell it)
//
// Messages name connections, codes and counts, never patients, files or what stands in them.
package notify
