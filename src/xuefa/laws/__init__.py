"""Laws: the catalogue, citations, and the official texts at hand."""
