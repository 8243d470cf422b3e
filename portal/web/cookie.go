package web

import "net/http"

// cookieName has the __Host- prefix wherever browsers take it: with it no other host and no
// unencrypted page can set the cookie.
func (p *Portal) cookieName() string {
	if p.TLS {
		return "__Host-ediport"
	}
	return "ediport"
}

// setCookie gives the session's token to the browser, until that is closed. Lax, not Strict: a link in a
// mail must find the person signed in; what changes something is guarded by origin.
func (p *Portal) setCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: p.cookieName(), Value: token, Path: "/",
		HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
}

func (p *Portal) clearCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: p.cookieName(), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
}
