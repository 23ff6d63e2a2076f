"""The interactive parts of a page (anywidget): sign-in, quiz, reflection; each one Python, JavaScript and CSS."""
