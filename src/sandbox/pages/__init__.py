"""The three sources' wire formats: what their addresses answer with, byte for byte."""
