"""One function per thing a user does, each a recipe of the rooms below; only here are the clock and chance real.

Each recipe loads the rooms that it needs when it is called, so that `xuefa --help` and a learner's page stay light.
"""
