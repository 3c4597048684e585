"""Maps as pictures, whichever protocol asks: what there is, where it lies, and how it is drawn together."""
