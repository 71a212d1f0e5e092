"""What a world is made of: clubs, competitions, fixtures and how they look at an instant, prices."""
