package certs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
)

// members says where the members of a JSON object go.
type members map[string]any

// readObject reads one JSON object whose members are all known, exactly as
// they are spelled, and given once. A null is a member left out, as Azure's
// own clients mean it. encoding/json alone would take doubled, unknown and
// otherwise capitalised members.
func readObject(data []byte, what string, into members) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errJSON(err, what+" is no JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return errJSON(err, what+" is no JSON object")
		}
		if seen[name] {
			return errJSON(nil, what+" has the member "+quote(name)+" twice")
		}
		seen[name] = true
		if err := readMember(d, what, name, into); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errJSON(err, what+" does not end")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errJSON(err, "there is something behind "+what)
	}
	return nil
}

func readMember(d *json.Decoder, what, name string, into members) error {
	target, known := into[name]
	if !known {
		return errJSON(nil, what+" has no member "+quote(name))
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return errJSON(err, "the member "+quote(name)+" of "+what+" cannot be read")
	}
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if read, ok := target.(func([]byte) error); ok {
		return read(raw)
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return errJSON(err, "the member "+quote(name)+" of "+what+" has the wrong type")
	}
	return nil
}

// readArray reads the elements of a JSON array, at most so many.
func readArray(data []byte, what string, most int, read func([]byte) error) error {
	var all []json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return errJSON(err, what+" is no JSON array")
	}
	if len(all) > most {
		return errJSON(nil, what+" has too many elements")
	}
	for _, one := range all {
		if err := read(one); err != nil {
			return err
		}
	}
	return nil
}

func errJSON(err error, problem string) error {
	const hint = "write the policy as the REST API of Azure Key Vault has it"
	if err == nil {
		return fault.New(fault.Invalid, problem, hint)
	}
	return fault.Wrap(err, fault.Invalid, problem, hint)
}
