package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// wroteCookie says that this browser changed something a short while ago. It holds nothing: who forges
// it reads the primary.
const wroteCookie = "ediport_wrote"

// readsReplica lets pages that only show things read the database's replica, if there is one: not the
// pages right after one's own change, whichever process made it, and not for a program that asks for
// what is newest (Cache-Control: no-cache).
func readsReplica(next http.Handler, tls bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.SetCookie(w, &http.Cookie{
				Name: wroteCookie, Value: "1", Path: "/", MaxAge: int(storage.OwnWriteTime / time.Second),
				HttpOnly: true, Secure: tls, SameSite: http.SameSiteLaxMode,
			})
		case !wrote(r) && !strings.Contains(r.Header.Get("Cache-Control"), "no-cache"):
			r = r.WithContext(storage.PreferReplica(r.Context()))
		}
		next.ServeHTTP(w, r)
	})
}

func wrote(r *http.Request) bool {
	_, err := r.Cookie(wroteCookie)
	return err == nil
}
