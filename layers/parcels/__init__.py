"""Land parcels of the cadastre. The surveyed VN-2000 geometry is the legal one; who holds the land is kept apart."""
