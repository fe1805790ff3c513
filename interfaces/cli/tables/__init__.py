"""The answers to questions as people see them: a module each, named as the question's is.

What shows an answer is called ``show``.
"""
