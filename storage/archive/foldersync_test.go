package archive

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

// TestFolderSyncsAreShared: who waits for a folder while it is synced shares the next round, which begins after they came.
func TestFolderSyncsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rounds, release := 0, make(chan error)
		s := &folderSyncs{fsync: func(string) error {
			rounds++ // one round at a time
			return <-release
		}}
		var first, others sync.WaitGroup
		first.Go(func() {
			if err := s.sync("leaf"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // the first round is under way
		failure := errors.New("the disk is gone")
		for range 10 {
			others.Go(func() {
				if err := s.sync("leaf"); !errors.Is(err, failure) {
					t.Errorf("the error of the round did not come: %v", err)
				}
			})
		}
		synctest.Wait() // all ten wait for the second
		if rounds != 1 {
			t.Fatalf("%d rounds begun, want 1", rounds)
		}
		release <- nil
		first.Wait()
		release <- failure
		others.Wait()
		if rounds != 2 || len(s.dirs) != 0 {
			t.Errorf("%d rounds, want 2; %d folders are remembered", rounds, len(s.dirs))
		}
	})
}

// TestBlobsThatFollowShareAFolder: so that the disk has one folder to sync for many; and no folder grows big.
func TestBlobsThatFollowShareAFolder(t *testing.T) {
	t.Parallel()
	n := &namer{}
	leaves, names := map[string]int{}, map[string]bool{}
	for range 10 * leafBlobs {
		name := n.next()
		if !isName(name) || names[name] {
			t.Fatalf("%s is no new name", name)
		}
		names[name] = true
		leaves[name[:2*leafBytes]]++
	}
	if len(leaves) < 5 || len(leaves) > 10 { // two of ten in one leaf is rare
		t.Errorf("%d leaves for ten times as many blobs as one takes", len(leaves))
	}
}
