"""Printing as a person meets it: a form that ends in ``/print/map.pdf``, and the check of a printed sheet."""
