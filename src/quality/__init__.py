"""Quality rules, scores and what to quarantine."""
