"""Mutants: faults that are put into our own code, to see that the simulation finds them.

A simulation that finds nothing says something only if it finds what is there. Each mutant is one
small change of the program, made in a copy of the source tree.
"""
