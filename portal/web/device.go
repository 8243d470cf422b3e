package web

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

// deviceCookieName is that of the cookie by which a browser is known in which somebody has signed in. It opens
// nothing; failures by it are counted apart from those of strangers.
func (p *Portal) deviceCookieName() string { return p.cookieName() + "-device" }

func (p *Portal) deviceToken(r *http.Request) string {
	cookie, err := r.Cookie(p.deviceCookieName())
	if err != nil || len(cookie.Value) > 100 {
		return ""
	}
	return cookie.Value
}

// rememberDevice makes the browser a known device of a user who has just signed in completely. The session's cookie has
// been set before: the session goes on under its new token whether this succeeds or not, so that an answer without the
// cookie would keep the person out of it.
func (p *Portal) rememberDevice(w http.ResponseWriter, r *http.Request, user storage.UserID) {
	token, err := p.Accounts.RememberDevice(r.Context(), user, p.deviceToken(r), origin(r))
	if err != nil {
		p.Log.Warn("a known device is not remembered", "user_id", int64(user), "error", err)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: p.deviceCookieName(), Value: token, Path: "/", MaxAge: 180 * 24 * 60 * 60,
		HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
}
