"""FotMob: day lists and match details, JSON."""
