package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// An Authenticator is a device that keeps passkeys in a browser of a test.
type Authenticator struct {
	b  *Browser
	id webauthn.AuthenticatorID
}

// Authenticator gives the browser a device that keeps passkeys. Its owner is there and unlocks it at once.
func (b *Browser) Authenticator() *Authenticator {
	b.t.Helper()
	a := &Authenticator{b: b}
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		added, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
				HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
			},
		})
		if err == nil {
			a.id = added.AuthenticatorID
		}
		return err
	}))
	return a
}

// Present says whether the owner is there; a question that is asked while nobody is stays open.
func (a *Authenticator) Present(there bool) {
	a.b.t.Helper()
	a.b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{
			AuthenticatorID: a.id, Enabled: there,
		})
		return err
	}))
}

// Unlocks says whether the owner can unlock the device, by finger, face or PIN.
func (a *Authenticator) Unlocks(can bool) {
	a.b.t.Helper()
	a.b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: can})
		return err
	}))
}
