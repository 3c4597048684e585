"""The administration's pages over layers: what an audience may see and change there is what it may anywhere else."""
