// Package roles decides: may this actor do this action on this resource, now?
// It also decides which assignments may stand beside each other.
//
// It is pure. It reads no database, no clock and no configuration, and it
// enforces nothing: package gate asks it and acts on the answer. Screens ask
// it too, to grey out what the gate would refuse, and say why.
package roles
