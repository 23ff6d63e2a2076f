"""Report: frames, figures, wording, and the section as Word, Excel and Markdown."""
