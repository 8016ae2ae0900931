"""The model as equations, in NumPy: this room is the specification that training follows."""
