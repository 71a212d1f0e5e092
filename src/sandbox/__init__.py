"""A local upstream that speaks the sources' wire formats, on real or made matches."""
