package cli

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

type versionBody struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
}

func (a *app) versionCommand() *cobra.Command {
	return a.command("version", "Print the program's version", func(context.Context, []string) error {
		body := versionBody{Version: a.sys.Install.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
		if info, ok := debug.ReadBuildInfo(); ok {
			for _, s := range info.Settings {
				switch s.Key {
				case "vcs.revision":
					body.Commit = s.Value
				case "vcs.modified":
					body.Modified = s.Value == "true"
				}
			}
		}
		var v view
		v.add("strongroom", body.Version)
		v.add("go", body.Go)
		v.add("platform", body.Platform)
		v.addSet("commit", body.Commit)
		if body.Modified {
			v.add("modified", "yes")
		}
		return a.print(body, v)
	})
}
