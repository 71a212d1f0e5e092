"""football-data.co.uk: seasons of results, figures and odds, CSV."""
