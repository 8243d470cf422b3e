// Package storage keeps everything ediport knows, in Postgres.
//
// Open gives a [DB]; [DB.InScope] is the only way for the application to a transaction: it names the
// operator and the accounts of the request, and row-level security shows nothing else, whatever the
// query forgets. [DB.InLoad] is the loader's: it writes the rows of received files by COPY and is not
// bound by row-level security. [DB.InSignIn] reaches the tables of sign-in, which stand outside
// tenancy. [DB.Setup] makes the roles, [DB.Migrate] the schema.
//
// Two planes: the exchange plane (files, envelopes, runs, connections) belongs to the operator, the
// business plane (payments, answers, statuses, authorizations) to accounts.
//
// Row ids are numbers from [IDs]; they never leave the house: [PublicIDs] turns them into opaque
// strings, [Cursors] seals the place where a list goes on.
//
// Errors never carry Postgres's detail or context, which hold column values: see [Error].
package storage
