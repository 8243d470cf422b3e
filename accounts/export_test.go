package accounts

// FillSlots takes all turns of computing and never gives them back.
func (h *Hasher) FillSlots() {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
}

// CheckPasswordBy is CheckPassword by a policy.
func CheckPasswordBy(p SecurityPolicy, password string) error {
	if all := weaknesses(p, password, nil); len(all) > 0 {
		return all[0]
	}
	return nil
}

// CommonPasswords counts the passwords of at least 8 characters that one or two words of the lists make, without the
// digits and signs that may stand around them.
func CommonPasswords() int {
	n := 0
	for a := range triedWords() {
		if len(a) >= minPasswordWithMFA {
			n++
		}
		for b := range triedWords() {
			if len(a)+len(b) >= minPasswordWithMFA {
				n++
			}
		}
	}
	return n
}
