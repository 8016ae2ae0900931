"""The terminal and the pipe: everything typed comes in here, and nothing is printed anywhere else."""
