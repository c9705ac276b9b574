// Package views holds the console's screens and the parts they are built
// from: one table, one form, dialogs, one action table, a theme by roles.
//
// A screen is data in, and a frame and typed intents out. It opens no file, asks no
// gate and no database, and reads no clock: the time arrives with [Paint] and
// with [Tick]. Package tui carries intents out and hands the answers back as
// messages.
//
// To add a screen: write one file with a type that satisfies [Screen], one
// intent that leads to it, its rows in the action table, and one line in tui's
// router.
//
// The package refuses to decide anything. What a role may not do arrives as
// data ([Refusals]) and is shown greyed, with the reason. Secrets arrive as
// *secret.Bytes, are wiped when they leave the screen, and the type that
// shows a secret to someone who may not read it has no field for a value.
package views
