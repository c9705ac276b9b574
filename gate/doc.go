// Package gate is the only door. Console, command line, demo and whatever
// listens on a network later do everything through it: each exported method
// of [Gate] that takes a [*Session] is one act.
//
// An act goes through one function (see act.go), in this order: the login
// session is alive; [roles.Decide] allows it; the second factor is fresh
// enough; the act is performed; its log entry is committed in the same
// database transaction as the change it made; only then does a result leave.
// Refused and failed acts get their entry too. If the log cannot be written,
// nothing happens and nothing leaves.
//
// An act that changes the HSM cannot share a database transaction with it: it
// logs an intent first and an outcome after, and [Gate.SignIn] reconciles
// what a crash left between the two.
//
// What falls due by itself, [Gate.Tick] carries out through the same function
// without a person: claimed in the database first, so that it happens once.
//
// The gate holds no passwords and no second factors. It holds the HSM's PIN
// only inside the token's own log-in state, while a login session of this
// process is open.
package gate
