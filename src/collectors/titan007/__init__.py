"""Titan007: day lists and odds, GB18030 HTML and scripts."""
