package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// dialEither dials, and once more with the second means to sign in if the server refused the first, or if
// those can't be used as they are. Each refusal counts towards a lockout, so neither is tried twice, and a
// first refusal stays one, for people to look at, where it can't be found out whether the second is any
// better. It returns the dialer that came to the end, nil if the settings can't be used.
func dialEither(ctx context.Context, endpoint Endpoint) (*dialer, *Client, error) {
	first, client, err := dialWith(ctx, endpoint, endpoint.Auth)
	if err == nil || endpoint.Second == nil || !spent(first, err) {
		return first, client, err
	}
	second, client, secondErr := dialWith(ctx, endpoint, *endpoint.Second)
	switch {
	case secondErr == nil:
		return second, client, nil
	case first == nil && second != nil && second.refused != nil:
		return second, nil, bothRefused(endpoint, fmt.Errorf("%s: %s; %w", endpoint.Auth.Name, Detail(err).Error(), second.refused))
	case first == nil: // nothing was refused yet
		return second, nil, secondErr
	case errors.Is(secondErr, ErrCanceled), second != nil && second.refused == nil && Permanent(secondErr):
		return second, nil, secondErr
	case second != nil && second.refused != nil:
		return second, nil, bothRefused(endpoint, fmt.Errorf("%w; %w", first.refused, second.refused))
	default:
		return first, nil, bothRefused(endpoint, fmt.Errorf("%w; %s could not be tried: %s", first.refused, endpoint.Second.Name, secondErr.Error()))
	}
}

// dialWith dials with some means to sign in. Without a dialer they, or the endpoint, can't be used.
func dialWith(ctx context.Context, endpoint Endpoint, auth Auth) (*dialer, *Client, error) {
	endpoint.Auth = auth
	d, err := newDialer(endpoint)
	if err != nil {
		return nil, nil, err
	}
	client, err := d.dial(ctx)
	return d, client, err
}

// spent tells whether an attempt ended because of its means to sign in, not of the network, the host key or
// a jump host.
func spent(d *dialer, err error) bool {
	if d == nil {
		return errors.Is(err, ErrCertificate) || errors.Is(err, ErrPrivateKey)
	}
	return d.refused != nil && errors.Is(err, ErrAuth)
}

func bothRefused(endpoint Endpoint, detail error) error {
	return failed(ErrAuth, "signing in to "+endpoint.Address(), detail)
}

// signedIn is the sentence of a test about signing in.
func (t *tester) signedIn() string {
	second, used := t.endpoint.Second, t.dialer.endpoint.Auth.Name
	switch {
	case second == nil:
		return "The server accepts the sign-in."
	case used == second.Name:
		return fmt.Sprintf("The server accepts %s, not %s.", used, t.endpoint.Auth.Name)
	default:
		return fmt.Sprintf("The server accepts %s.", used)
	}
}

// second signs in with the second means and says whether the server takes them, too. That it doesn't is no
// failure: the connection works.
func (t *tester) second(ctx context.Context, client *Client) {
	second := t.endpoint.Second
	if !t.folders.Both || second == nil || client.Credential() == second.Name {
		return
	}
	started := time.Now()
	d, other, err := dialWith(ctx, t.endpoint, *second)
	if err == nil {
		other.Close()
		t.steps = append(t.steps, Step{
			Name: StepSecond, State: StateOK, Took: elapsed(started), Credential: second.Name,
			Sentence: fmt.Sprintf("The server accepts %s, too.", second.Name),
		})
		return
	}
	step := failedStep(StepSecond, err, elapsed(started))
	if spent(d, err) {
		step.State, step.Remedy = StateNotYet, "Keep what works until the partner has installed the other, then test again."
	}
	t.steps = append(t.steps, step)
}
