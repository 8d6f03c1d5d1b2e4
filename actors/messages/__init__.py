"""Everything that is said in the city, one file per subject."""
