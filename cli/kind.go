package cli

import (
	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
)

// kind is what the verbs that all kinds of object have need to know of one.
type kind struct {
	id gate.Kind
	// print prints an object; deleted one in the bin and item one of a list of
	// those, as Azure's REST bodies have them.
	print   func(a *app, o *gate.Object) error
	deleted func(d *gate.Deleted, level recovery) any
	item    func(d *gate.Deleted, level recovery) any
}

func secretKind() kind {
	return kind{
		id:      gate.KindSecret,
		print:   func(a *app, o *gate.Object) error { return a.printSecret(o, nil, "") },
		deleted: func(d *gate.Deleted, level recovery) any { return deletedSecret(d, level, true) },
		item:    func(d *gate.Deleted, level recovery) any { return deletedSecret(d, level, false) },
	}
}

func keyKind() kind {
	return kind{id: gate.KindKey, print: (*app).printKey, deleted: deletedKey, item: deletedKeyItem}
}

func certificateKind() kind {
	return kind{id: gate.KindCertificate, print: (*app).printCertificate, deleted: deletedCertificate, item: deletedCertificateItem}
}

// life gives the verbs of an object's life after it was made.
func (a *app) life(k kind) []*cobra.Command {
	return []*cobra.Command{
		a.setAttributes(k), a.delete(k), a.listDeleted(k), a.showDeleted(k), a.recover(k), a.purge(k), a.backup(k), a.restore(k),
	}
}
