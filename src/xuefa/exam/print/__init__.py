"""Papers on paper: the paper, its answer card and its key as Word files for A4, which people may edit."""
