package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/reports"
)

// signatureEnding is what a report's detached signature is called behind the
// report's own name.
const signatureEnding = ".sig"

type reportBody struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Evidence string `json:"evidence"`
}

func (a *app) reportCommands() *cobra.Command {
	return group("report", "Signed reports", a.reportList(), a.reportRun(), a.reportVerify())
}

func (a *app) reportList() *cobra.Command {
	return a.command("list", "List the reports that can be run", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.Reports(ctx, s)
			if err != nil {
				return err
			}
			bodies := make([]reportBody, 0, len(all))
			v := view{head: []string{"NAME", "TITLE", "EVIDENCE FOR"}}
			for _, r := range all {
				bodies = append(bodies, reportBody{r.ID, r.Title, r.Evidence})
				v.add(r.ID, r.Title, r.Evidence)
			}
			return a.print(bodies, v)
		})
	})
}

func (a *app) reportRun() *cobra.Command {
	var format, out string
	var force bool
	cmd := a.command("run NAME", "Run a report and write it with its signature", func(ctx context.Context, args []string) error {
		f, err := reports.ParseFormat(format)
		if err != nil {
			return err
		}
		if !isDirectory(out) {
			if err := freePair(out, force); err != nil {
				return err
			}
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			file, err := g.RunReport(ctx, s, gate.ReportRequest{ID: args[0], Format: f})
			if err != nil {
				return err
			}
			return a.exportReport(&file, out, force)
		})
	})
	cmd.Args = cobra.ExactArgs(1)
	cmd.Long = "Run a report and write it to a file, with the HSM's signature in a second file of\nthe same name ending in .sig. strongroom report verify checks the two."
	cmd.Flags().StringVar(&format, "format", string(reports.FormatHTML), "html, json or `csv`")
	cmd.Flags().StringVarP(&out, "out", "o", ".", "the `file` to write, or a directory")
	cmd.Flags().BoolVar(&force, "force", false, "replace files that are there")
	return cmd
}

func freePair(path string, force bool) error {
	return errors.Join(free(path, force), free(path+signatureEnding, force))
}

func (a *app) exportReport(f *gate.ReportFile, out string, force bool) error {
	path := out
	if isDirectory(out) {
		path = filepath.Join(out, filepath.Base(f.Name))
	}
	if err := freePair(path, force); err != nil {
		return err
	}
	if err := writeFile(path, f.Content, force); err != nil {
		return err
	}
	if err := writeFile(path+signatureEnding, f.Signature, force); err != nil {
		return err
	}
	var v view
	v.add("report", path)
	v.add("signature", path+signatureEnding)
	return a.print(map[string]string{"file": path, "signatureFile": path + signatureEnding}, v)
}

func (a *app) reportVerify() *cobra.Command {
	var signature, key string
	cmd := a.command("verify FILE", "Check a report against its signature, with nobody signed in", func(ctx context.Context, args []string) error {
		if signature == "" {
			signature = args[0] + signatureEnding
		}
		d, err := a.checkReport(ctx, args[0], signature, key)
		if err != nil {
			return err
		}
		return a.printDetached(d)
	})
	cmd.Args = cobra.ExactArgs(1)
	cmd.Long = "Check a report against its detached signature. The key is the log's public key:\nfrom --log-key, else from the installation's strongroom.yaml. The exit code is 0\nfor a report that is as it was signed, and 4 for any other."
	cmd.Flags().StringVar(&signature, "signature", "", "the signature's `file` (default FILE.sig)")
	cmd.Flags().StringVar(&key, "log-key", "", "the log's public `key`, as strongroom.yaml has it")
	return cmd
}

func (a *app) checkReport(ctx context.Context, path, signaturePath, key string) (audit.Detached, error) {
	var none audit.Detached
	content, err := openFile(path)
	if err != nil {
		return none, err
	}
	defer content.Close()
	signature, err := readFile(ctx, signaturePath, maxDetached)
	if err != nil {
		return none, err
	}
	if key == "" {
		if key, err = a.logKey(); err != nil {
			return none, err
		}
	}
	return gate.VerifyReport(content, signature, key)
}

func (a *app) logKey() (string, error) {
	dir, err := a.dir()
	if err != nil {
		return "", err
	}
	h, err := home.Open(dir)
	if err != nil {
		return "", err
	}
	return h.Config.LogKey, nil
}

func (a *app) printDetached(d audit.Detached) error {
	sum := hex.EncodeToString(d.SHA256[:])
	var v view
	v.add("verdict", "the report is as it was signed")
	v.add("bytes", strconv.FormatInt(d.Size, 10))
	v.add("sha-256", sum)
	return a.print(map[string]any{"value": true, "purpose": d.Purpose, "size": d.Size, "sha256": sum}, v)
}
