// Package sshdtest runs Debian's OpenSSH server for tests, on a free loopback port, and breaks
// connections to it on purpose.
//
//	server := sshdtest.Start(t, sshdtest.Options{Password: "only for this test"})
//	server.WriteFile("outbound/a.835", content)
//	// connect to server.Host:server.Port as server.User; pin server.Fingerprint()
//	server.KillSessions() // what a crash in mid-transfer looks like
//
// Nothing of the machine is touched: sshd is the system's, or the one unpacked in the cache by
// .ci/deps.d/openssh; its host keys, configuration and folders live in the test's temporary folder;
// and the account it signs in exists only in files that libnss_wrapper shows to this one sshd, so
// that password sign-in works without PAM and without a system user. It serves files as the user
// who runs the test. Where there is no sshd, Start skips the test with a line that says how to get
// one, or fails it if CI=true.
//
// [Proxy] stands between client and server and cuts, stalls or slows what passes.
package sshdtest
