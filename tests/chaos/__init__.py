"""Everything that may die does, while the city works: nothing acknowledged is lost or doubled, and it says so."""
