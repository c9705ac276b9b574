package tui

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/views"
)

// noun is the gate's three ways to read objects of one kind.
type noun struct {
	list     func(context.Context, *gate.Session, gate.ListRequest) (gate.Page, error)
	show     func(context.Context, *gate.Session, gate.Ref) (gate.Object, error)
	versions func(context.Context, *gate.Session, gate.Ref) ([]gate.Object, error)
}

func (d door) noun(k views.Kind) noun {
	switch k {
	case views.Keys:
		return noun{d.gate.ListKeys, d.gate.ShowKey, d.gate.ListKeyVersions}
	case views.Certificates:
		return noun{d.gate.ListCertificates, d.gate.ShowCertificate, d.gate.ListCertificateVersions}
	default:
		return noun{d.gate.ListSecrets, d.gate.ShowSecret, d.gate.ListSecretVersions}
	}
}

func (d door) loadObjects(ctx context.Context, in views.LoadObjects) (tea.Msg, error) {
	page, err := d.noun(in.Kind).list(ctx, d.session, listRequest(in.Vault, in.Query))
	if err != nil {
		return nil, err
	}
	loaded := views.ObjectsLoaded{Kind: in.Kind, Request: in.Query.Request}
	loaded.Page = views.Page[views.ObjectRow]{Prev: page.Previous, Next: page.Next, Total: page.Total}
	for i := range page.Items {
		loaded.Page.Rows = append(loaded.Page.Rows, objectRow(&page.Items[i]))
	}
	return loaded, nil
}

func (d door) loadObject(ctx context.Context, in views.LoadObject) (tea.Msg, error) {
	n, ref := d.noun(in.Ref.Kind), gate.Ref{Vault: in.Ref.Vault, Name: in.Ref.Name}
	o, err := n.show(ctx, d.session, ref)
	if err != nil {
		return nil, err
	}
	versions, err := n.versions(ctx, d.session, ref)
	if err != nil {
		return nil, err
	}
	return views.ObjectLoaded{Object: objectDetail(&o, versions)}, nil
}

func (d door) setSecret(ctx context.Context, in views.SetSecret) (tea.Msg, error) {
	value := in.Value
	if in.File != "" {
		read, err := readSecret(d.path(in.File))
		if err != nil {
			return nil, err
		}
		defer read.Wipe()
		value = read
	}
	o, err := d.gate.SetSecret(ctx, d.session, gate.SetSecretRequest{
		Vault: in.Ref.Vault, Name: in.Ref.Name, Value: value, ContentType: in.ContentType,
		NotBefore: in.NotBefore, Expires: in.Expires, Disabled: in.Disabled,
	})
	return saved(in.Ref, o), err
}

func saved(ref views.Ref, o gate.Object) views.ObjectSaved {
	ref.Name, ref.Version = o.Name, o.Version
	return views.ObjectSaved{Ref: ref, New: o.Versions == 1}
}

func (d door) value(ctx context.Context, ref views.Ref, why gate.Purpose) (*secret.Bytes, error) {
	v, err := d.gate.GetSecret(ctx, d.session, gateRef(ref), why)
	if err != nil {
		return nil, err
	}
	return v.Value, nil
}

func (d door) reveal(ctx context.Context, in views.Reveal) (tea.Msg, error) {
	v, err := d.value(ctx, in.Ref, gate.PurposeReveal)
	if err != nil {
		return nil, err
	}
	return views.Revealed{Ref: in.Ref, Value: v, Now: wall(d.clock())}, nil
}

func (d door) copyValue(ctx context.Context, in views.CopyValue) (tea.Msg, error) {
	v, err := d.value(ctx, in.Ref, gate.PurposeCopy)
	if err != nil {
		return nil, err
	}
	return copyReady{what: in.Ref.Name, value: v}, nil
}

func (d door) createKey(ctx context.Context, in views.CreateKey) (tea.Msg, error) {
	o, err := d.gate.CreateKey(ctx, d.session, gate.CreateKeyRequest{
		Vault: in.Ref.Vault, Name: in.Ref.Name, Spec: in.Spec, Expires: in.Expires, Disabled: in.Disabled,
	})
	return saved(in.Ref, o), err
}

func (d door) createCertificate(ctx context.Context, in views.CreateCertificate) (tea.Msg, error) {
	o, err := d.gate.CreateCertificate(ctx, d.session, gate.CreateCertificateRequest{Vault: in.Ref.Vault, Name: in.Ref.Name, Policy: policy(in)})
	return saved(in.Ref, o), err
}

func (d door) sign(ctx context.Context, in views.Sign) (tea.Msg, error) {
	digest, err := d.digest(ctx, in.Algorithm, in.Text, in.File)
	if err != nil {
		return nil, err
	}
	sig, err := d.gate.Sign(ctx, d.session, gate.SignRequest{
		Ref: gateRef(in.Ref), Algorithm: in.Algorithm, Digest: digest,
	})
	if err != nil {
		return nil, err
	}
	in.Ref.Version = sig.Key.Version
	return views.Signed{Ref: in.Ref, Algorithm: sig.Algorithm, Signature: base64.RawURLEncoding.EncodeToString(sig.Value)}, nil
}

func (d door) verify(ctx context.Context, in views.Verify) (tea.Msg, error) {
	sig, err := base64.RawURLEncoding.DecodeString(in.Signature)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the signature is no base64url text", "paste it as it was shown")
	}
	digest, err := d.digest(ctx, in.Algorithm, in.Text, in.File)
	if err != nil {
		return nil, err
	}
	valid, err := d.gate.Verify(ctx, d.session, gate.VerifyRequest{
		Ref: gateRef(in.Ref), Algorithm: in.Algorithm, Digest: digest, Signature: sig,
	})
	return views.Verified{Ref: in.Ref, Algorithm: in.Algorithm, Valid: valid}, err
}

// digest gives what an algorithm signs, of a text or of a file, which is read
// through in constant memory and may be stopped.
func (d door) digest(ctx context.Context, a keys.Algorithm, text *secret.Bytes, file string) (digest []byte, err error) {
	if file == "" {
		err = text.RevealErr(func(b []byte) error {
			digest, err = keys.Digest(ctx, a, bytes.NewReader(b), nil)
			return err
		})
		return digest, err
	}
	f, size, err := openRegular(d.path(file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return keys.Digest(ctx, a, io.Reader(f), func(done int64) { d.report(done, size) })
}
