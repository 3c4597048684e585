"""How Django writes days and moments where no declaration says it: the administration, the account pages."""
