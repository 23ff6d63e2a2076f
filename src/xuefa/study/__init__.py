"""Study: the lesson page, the quiz, the sign-in and the 心得体会."""
