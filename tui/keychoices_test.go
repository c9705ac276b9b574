package tui

import "testing"

// Every type of key that the gate makes in a token can be asked for.
func TestKeysOfEveryTypeAreMadeInTheHSM(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	b.See("pay-dev").Press("enter", "tab").See("[Keys]")
	for name, spec := range map[string]string{"edwards": "OKP-HSM Ed25519", "sealing": "oct-HSM 256"} {
		b.Press("n").See("New key").Type(name).Press("tab", "tab").Type(spec).Press("ctrl+s").See("Key " + name + " was made")
	}
	t.Log("A key that signs signs; one that does not says so.")
	b.Press("/").Type("edwards").Press("enter", "enter").See("key edwards", "OKP-HSM Ed25519", "inside the HSM").Press("x").Type("hello").Press("ctrl+s").See("✓ Signed", "EdDSA")
	b.Press("esc", "esc", "esc", "/", "esc", "/").Type("sealing").Press("enter", "enter").See("key sealing", "oct-HSM 256", "(x Sign)")
	b.Press("x").See("have no sign")
}

func TestACertificateHasAnEdwardsKeyInTheHSM(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	b.See("pay-dev").Press("enter", "tab", "tab").See("[Certificates]").Press("n").See("New certificate")
	b.Fill("web", "CN=web.example.org", "web.example.org").Press("tab", "tab").Type("OKP-HSM").Press("ctrl+s").See("Certificate web was made")
	b.Press("enter").See("CN=web.example.org", "Ed25519")
}
