"""Everything Glimmer keeps in Redis: line and slots, job records, transcripts, usage."""
