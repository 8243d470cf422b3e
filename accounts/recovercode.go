package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// What a code of sign_in_code is for.
const (
	purposeRecovery   = "recovery"   // somebody forgot the password; the browser that asked is bound to it
	purposeReset      = "reset"      // an administrator started it
	purposeInvitation = "invitation" //
	purposeSetup      = "setup"      // the first administrator
	purposeContact    = "contact"    // an address to confirm
)

// Limits of codes. Source: OWASP ASVS 5.0, 6.5.5 and 6.6.3; NIST SP 800-63B-4, 4.2.1.2.
const (
	maxCodeAttempts = 5                // of one request, over all codes that were sent for it
	maxCodesSent    = 5                // for one request
	resendAfter     = time.Minute      // until another one can be asked for
	chooseWithin    = 15 * time.Minute // the password, once the code is right
	chooseMailed    = time.Hour        // the same for a code that can't be asked for again by oneself
	resetLife       = 24 * time.Hour   // of a code that an administrator sends
	invitationLife  = 72 * time.Hour
	keepCodes       = 7 * 24 * time.Hour // after their end, so that a late one can be told apart
)

// codeAlphabet has 32 signs that are not mistaken for one another when they are read and typed.
const codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Lengths of codes in signs of five bits each.
const (
	shortCode = 8  // 40 bits: with five attempts, and only in the browser that asked
	longCode  = 16 // 80 bits: for codes that no browser is bound to
)

// newCode returns a code to be typed by people, in groups of four.
func newCode(signs int) string {
	raw := make([]byte, signs)
	_, _ = rand.Read(raw) // never fails
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeAlphabet[r%32])
	}
	return b.String()
}

// typedCode is a code as somebody typed it, without what doesn't matter.
func typedCode(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(text))
}

// mailedCodeHash is what is kept of a code. It is keyed, since forty bits alone can be searched, and bound to
// what the code is for and to the request that it was sent for ("" for none).
func (s *Service) mailedCodeHash(purpose, request, code string) []byte {
	mac := hmac.New(sha256.New, s.buckets)
	mac.Write([]byte("code/" + purpose + "/" + request + "/" + typedCode(code)))
	return mac.Sum(nil)
}

// delayOfRequests returns how long asking has to wait after so many requests for a name or from an address.
func delayOfRequests(kind string, requests int) time.Duration {
	free := 3
	if kind == "address" {
		free = 20 // an office shares one
	}
	if requests <= free {
		return 0
	}
	return min(time.Minute<<min(requests-free-1, 10), time.Hour)
}

// delayOfCodes returns how long the next code has to wait after so many wrong ones, over all requests.
func delayOfCodes(kind string, failures int) time.Duration {
	free := 2 * maxCodeAttempts
	if kind == "address" {
		free = 50
	}
	if failures <= free {
		return 0
	}
	return min(time.Minute<<min(failures-free-1, 10), time.Hour)
}

// recoveryBuckets count what is asked for a name, and from an address.
func (s *Service) recoveryBuckets(what, name string, o Origin) []storage.ThrottleBucket {
	return []storage.ThrottleBucket{s.bucket("recovery", what+"/"+throttleName(name)), s.bucket("address", what+"/"+o.Address)}
}
