"""Each form once, as blocks; rendered from the same blocks."""
