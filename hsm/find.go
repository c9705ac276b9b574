package hsm

import (
	"debug/elf"
	"debug/macho"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/strongroom/strongroom/internal/fault"
)

// entryPoint is the one symbol every PKCS#11 module exports (v2.40 section 5.4).
const entryPoint = "C_GetFunctionList"

const depsHint = "Run scripts/deps to install SoftHSM2, or name the module of your HSM with STRONGROOM_PKCS11_MODULE."

// wellKnown are SoftHSM2's places on Debian, Fedora, Arch and with Homebrew.
func wellKnown() []string {
	return []string{
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
		"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
		"/usr/lib64/softhsm/libsofthsm2.so",
		"/usr/lib64/pkcs11/libsofthsm2.so",
		"/usr/lib/pkcs11/libsofthsm2.so",
		"/usr/lib/libsofthsm2.so",
		"/usr/local/lib/softhsm/libsofthsm2.so",
		"/opt/homebrew/lib/softhsm/libsofthsm2.so",
		"/opt/homebrew/opt/softhsm/lib/softhsm/libsofthsm2.so",
		"/usr/local/opt/softhsm/lib/softhsm/libsofthsm2.so",
	}
}

// FindModule gives the path of the PKCS#11 module: the explicit one when it is
// not empty, else the first of SoftHSM2's well-known places. The file is
// examined, not loaded; what is no PKCS#11 module is an Invalid fault, and one
// that others could change is Forbidden.
func FindModule(explicit string) (string, error) {
	if explicit != "" {
		path, _, err := examine(explicit)
		if err != nil {
			return "", err
		}
		return path, nil
	}
	for _, path := range wellKnown() {
		resolved, _, err := examine(path)
		if err == nil {
			return resolved, nil
		}
		if fault.KindOf(err) == fault.Forbidden {
			return "", err
		}
	}
	return "", fault.New(fault.Unavailable, "no PKCS#11 module was found", depsHint)
}

// examine resolves path and checks that it is a loadable PKCS#11 module, as
// far as that can be told without running its code: a library's constructors
// run inside dlopen, where a crash cannot be caught. It refuses one that is not
// in the hands of root or of this user alone.
func examine(path string) (string, os.FileInfo, error) {
	resolved, info, err := resolve(path)
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxModuleSize {
		return "", nil, badModule(path, "is not a file that could be a library", nil)
	}
	exports, err := exportsEntryPoint(resolved)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", nil, fault.Wrap(err, fault.Unavailable, fmt.Sprintf("the PKCS#11 module %q cannot be read", path),
			"Give this user the right to read it.")
	case err != nil:
		return "", nil, badModule(path, "is not a shared library of this system", err)
	case !exports:
		return "", nil, badModule(path, "is a library, but not a PKCS#11 module", nil)
	}
	return resolved, info, trusted(resolved)
}

func resolve(path string) (string, os.FileInfo, error) {
	absolute, err := filepath.Abs(path)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(absolute)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("there is no PKCS#11 module at %q", path), depsHint)
	case err != nil:
		return "", nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("the PKCS#11 module %q cannot be opened", path), depsHint)
	}
	return absolute, info, nil
}

func badModule(path, what string, cause error) error {
	return fault.Wrap(cause, fault.Invalid, fmt.Sprintf("%q %s", path, what),
		"Name the PKCS#11 library of your HSM, for example libsofthsm2.so.")
}

// exportsEntryPoint reads the file's own symbol table. A format that this
// program cannot read on this system is left for the loader to judge.
func exportsEntryPoint(path string) (found bool, err error) {
	defer func() {
		if r := recover(); r != nil { // the parsers see a file somebody else wrote
			found, err = false, fmt.Errorf("malformed library: %v", r)
		}
	}()
	switch runtime.GOOS {
	case "darwin":
		return machoExports(path)
	case "windows":
		return true, nil
	default:
		return elfExports(path)
	}
}

func elfExports(path string) (bool, error) {
	f, err := elf.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	if f.Type != elf.ET_DYN {
		return false, errors.New("not a shared object")
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return false, err
	}
	for _, s := range symbols {
		if s.Name == entryPoint && s.Section != elf.SHN_UNDEF {
			return true, nil
		}
	}
	return false, nil
}

func machoExports(path string) (bool, error) {
	if fat, err := macho.OpenFat(path); err == nil {
		defer func() { _ = fat.Close() }()
		for _, arch := range fat.Arches {
			if machoHas(arch.File) {
				return true, nil
			}
		}
		return false, nil
	}
	f, err := macho.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	return machoHas(f), nil
}

// machoHas lets a library without a symbol table pass: newer linkers keep
// exports in a trie that the standard library does not read.
func machoHas(f *macho.File) bool {
	if f.Symtab == nil {
		return true
	}
	for _, s := range f.Symtab.Syms {
		if s.Name == "_"+entryPoint {
			return true
		}
	}
	return false
}
