"""The model as equations, in NumPy: this package is the specification that training follows."""
