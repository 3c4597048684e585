"""What is drawn how: the styles that a caller may have, and their forms for other programs."""
