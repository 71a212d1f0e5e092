"""A replayed world: season files of football-data.co.uk, moved in time to now."""
