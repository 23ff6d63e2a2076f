"""Exam: blueprint, paper, nbgrader assignment, answer sheet, marking, gradebook."""
