"""The ground floor of Hương: layers declared once, published as views, served by every protocol."""
