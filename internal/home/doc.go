// Package home knows the folder that an installation lives in: where it is,
// what lies in it under which name, and its configuration file.
//
// It refuses a folder or a file that other users could read or change, and a
// configuration it does not understand to the last key. It opens no database
// and no HSM, and no secret belongs in anything it reads or writes.
package home
