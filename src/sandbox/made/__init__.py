"""A made world: invented clubs, their strengths, a calendar, goals and prices, all from one seed."""
