"""What every layer may use: settings, clock, errors, logging and metric names."""
