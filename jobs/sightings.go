package jobs

import "github.com/ediport/ediport/storage"

// byKey finds what is known of a file by what identifies it.
func byKey(known []storage.Sighting) map[sightingKey]storage.Sighting {
	found := make(map[sightingKey]storage.Sighting, len(known))
	for _, s := range known {
		found[sightingKey{s.Path, s.Size, s.ModTime.UnixMicro()}] = s
	}
	return found
}
