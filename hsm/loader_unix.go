//go:build unix

package hsm

/*
#cgo linux LDFLAGS: -ldl

#include <dlfcn.h>
#include <stdlib.h>

// functionList is CK_FUNCTION_LIST of PKCS#11 v2.40: a version of two bytes and
// 68 entry points. Only whether they are there matters here.
enum { functions = 68 };
struct functionList {
	unsigned char version[2];
	void *entry[functions];
};

typedef unsigned long (*getFunctionList)(struct functionList **);

// tryModule gives NULL when the module at path can be loaded and offers every
// function, else what is wrong. The library stays loaded: some crash when
// they are unloaded.
static const char *tryModule(const char *path) {
	struct functionList *list = NULL;
	getFunctionList get;
	void *lib = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (lib == NULL) {
		const char *why = dlerror();
		return why != NULL ? why : "the loader refuses it";
	}
	get = (getFunctionList)dlsym(lib, "C_GetFunctionList");
	if (get == NULL) return "C_GetFunctionList is missing";
	if (get(&list) != 0) return "C_GetFunctionList fails";
	if (list == NULL) return "C_GetFunctionList gives nothing";
	for (int i = 0; i < functions; i++) {
		if (list->entry[i] == NULL) return "its function list has gaps";
	}
	return NULL;
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// loadable loads the module and looks at its function list. The binding calls
// through that list without looking, and a module that gives none would crash
// the process. It also tells why the loader refuses a library.
func loadable(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if why := C.tryModule(name); why != nil {
		return errors.New(clean(C.GoString(why)))
	}
	return nil
}
