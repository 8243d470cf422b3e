package web_test

import "regexp"

var (
	challengeText = regexp.MustCompile(`name="challenge" value="([0-9]+\.[0-9]+\.[^"]+)"`)
	unlockPath    = regexp.MustCompile(`/people/usr_[0-9a-z]+/unlock`)
)
