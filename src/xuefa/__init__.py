"""学法: a township's law study, exam practice and annual report."""
