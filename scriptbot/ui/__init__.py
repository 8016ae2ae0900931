"""The terminal and the pipe: what is typed goes in here, and nothing is printed anywhere else."""
