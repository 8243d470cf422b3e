// Package accounts says who may come in, and what for.
//
// A [Service] signs people in and out, keeps their sessions and API tokens, and adds accounts and
// users. Who asks is a [Principal]; what it may do are permissions, which it holds for accounts (the business
// plane) or for operators (the exchange plane) by its roles there. Nothing is allowed that no role
// grants. [Principal.Scope] is the one place where permissions become a storage.Scope, which the
// database enforces once more underneath.
//
// Against guessing: argon2id with a pepper (package doc of [Hasher]), delays that grow with the
// failures of a name and of an address ([Service.SignIn]), and one answer, at one cost, for names that exist and
// names that don't. Every act leaves an event in the audit.
package accounts
