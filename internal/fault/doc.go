// Package fault carries errors for two readers: a Kind for the program, and
// for the person one sentence that says what is wrong and one that says what
// to do next.
//
// It decides exit codes and Azure-style error codes in one place. It does not
// log, does not translate, and never inspects the text of another error.
package fault
