package reports

import (
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Info is a row of the catalogue of reports.
type Info struct {
	ID, Title string
	// Evidence says what the report is evidence for.
	Evidence string
}

// InventoryAccess is the identifier of the report "inventory and access".
const InventoryAccess = "inventory-access"

var catalogue = []Info{
	{
		ID:    InventoryAccess,
		Title: "Inventory and access",
		Evidence: "Which keys, secrets and certificates each vault held at one moment, with state, protection, age and expiry, " +
			"and who could do what with them.",
	},
}

// Catalogue lists the reports that can be run.
func Catalogue() []Info { return append([]Info(nil), catalogue...) }

// Find gives the catalogue's row for an identifier, or a fault of kind
// NotFound that names those there are.
func Find(id string) (Info, error) {
	var ids []string
	for _, info := range catalogue {
		if info.ID == id {
			return info, nil
		}
		ids = append(ids, info.ID)
	}
	return Info{}, fault.New(fault.NotFound, `there is no report "`+Clean(id)+`"`, "use "+strings.Join(ids, ", "))
}
