"""The two doors of the kit: JupyterLab for staff (`xuefa lab`), Voilà for learners (`xuefa serve`)."""

from xuefa.doors.launch import Door, lab_door, run_door, serve_door

__all__ = ["Door", "lab_door", "run_door", "serve_door"]
