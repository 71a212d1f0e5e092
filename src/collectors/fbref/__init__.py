"""FBref: schedules, HTML."""
