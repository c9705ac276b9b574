package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/internal/fault"
)

// exit ends the program with a code and without a word: the answer that was
// printed says it all.
type exit int

func (e exit) Error() string { return "exit code " + strconv.Itoa(int(e)) }

// usage words an error of the command line itself.
func usage(cmd *cobra.Command, err error) error {
	return fault.New(fault.Usage, fault.Problem(err), "see "+cmd.CommandPath()+" --help")
}

// worded makes a fault of an error that cobra found before a command ran.
func (a *app) worded(cmd *cobra.Command, err error) error {
	var f *fault.Error
	var e exit
	switch {
	case err == nil, errors.As(err, &f), errors.As(err, &e):
		return err
	case !a.running:
		return usage(cmd, err)
	case errors.Is(err, context.Canceled):
		return fault.Wrap(err, fault.Canceled, "the command was interrupted", "what the log has was done; strongroom audit list shows it")
	default:
		return err
	}
}

// errorBody is an error as Azure Key Vault's REST data plane writes it.
type errorBody struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	} `json:"error"`
}

// fail prints an error and gives its exit code. This is the one place where
// errors are printed. A reader that went away, as head does, is not told so.
func (a *app) fail(err error) int {
	var e exit
	switch {
	case err == nil:
		return fault.ExitDone
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, syscall.EPIPE):
		return fault.ExitFailed
	}
	problem, hint := line(fault.Problem(err)), line(fault.Hint(err))
	if hint == "" && fault.KindOf(err) == fault.Internal {
		hint = "run strongroom doctor, and report it if it stays"
	}
	if a.json {
		var body errorBody
		body.Error.Code, body.Error.Message, body.Error.Hint = fault.Code(err), problem, hint
		text, _ := json.Marshal(body) // three strings: it cannot fail
		fmt.Fprintf(a.sys.Stderr, "%s\n", text)
		return fault.ExitCode(err)
	}
	fmt.Fprintln(a.sys.Stderr, "strongroom: "+problem)
	if hint != "" {
		fmt.Fprintln(a.sys.Stderr, "hint: "+hint)
	}
	return fault.ExitCode(err)
}
