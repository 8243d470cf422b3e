package archive

import "sync"

// folderSyncs makes names in folders durable, for all that wait for the same folder at once: whoever comes while
// a folder is being synced waits for the next round, which begins after it came and serves all of them. It is
// safe for several goroutines; its zero value is ready.
type folderSyncs struct {
	mu    sync.Mutex
	dirs  map[string]*folderRounds
	fsync func(dir string) error // nil: the disk's
}

// folderRounds are the rounds of one folder.
type folderRounds struct {
	running, next *syncRound // nil: none
}

type syncRound struct {
	done chan struct{}
	err  error
}

// sync returns when the names that stand in the folder now are on the disk.
func (s *folderSyncs) sync(dir string) error {
	s.mu.Lock()
	rounds := s.dirs[dir]
	if rounds == nil {
		if s.dirs == nil {
			s.dirs = map[string]*folderRounds{}
		}
		rounds = &folderRounds{}
		s.dirs[dir] = rounds
	}
	if round := rounds.next; round != nil { // it has not begun
		s.mu.Unlock()
		<-round.done
		return round.err
	}
	round := &syncRound{done: make(chan struct{})}
	before := rounds.running
	rounds.next = round
	s.mu.Unlock()
	if before != nil {
		<-before.done
	}
	s.begin(rounds, round)
	if s.fsync != nil {
		round.err = s.fsync(dir)
	} else {
		round.err = syncFolder(dir)
	}
	s.end(dir, rounds)
	close(round.done)
	return round.err
}

func (s *folderSyncs) begin(rounds *folderRounds, round *syncRound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rounds.running, rounds.next = round, nil
}

func (s *folderSyncs) end(dir string, rounds *folderRounds) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rounds.running = nil
	if rounds.next == nil {
		delete(s.dirs, dir)
	}
}
