package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// An Authenticator is a device that keeps passkeys in a browser of a test.
type Authenticator struct {
	b       *Browser
	id      webauthn.AuthenticatorID
	noOffer page.ScriptIdentifier
}

// noOffer has pages believe that the browser can't offer passkeys in the list of a field. A device whose owner is always there
// takes such an offer the moment it is made, and again on the page that a refusal leads to, without end: where a test
// presses a button, whether its press comes before that would be a matter of luck.
const noOffer = `if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false`

// Authenticator gives the browser a device that keeps passkeys. Its owner is there and unlocks it at once, on pages opened
// from now on only when a button was pressed; see [Authenticator.TakesOffers].
func (b *Browser) Authenticator() *Authenticator {
	b.t.Helper()
	a := &Authenticator{b: b}
	a.RefusesOffers()
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

// RefusesOffers undoes TakesOffers.
func (a *Authenticator) RefusesOffers() {
	a.b.t.Helper()
	a.b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		script, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: noOffer})
		if err == nil {
			a.noOffer = script.Identifier
		}
		return err
	}))
}

// TakesOffers has the owner also take the passkey that the browser offers in the list of a field, on pages opened from now on.
func (a *Authenticator) TakesOffers() {
	a.b.t.Helper()
	a.b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: a.noOffer})
		return err
	}))
}
