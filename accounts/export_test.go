package accounts

// FillSlots takes all turns of computing and never gives them back.
func (h *Hasher) FillSlots() {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
}
