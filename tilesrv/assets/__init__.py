"""What a map is drawn with besides data: fonts, glyphs, icons."""
