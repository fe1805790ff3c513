"""The shapes of answers that are no answers to questions: results, problems, health, webhooks.

They describe the API, and a test holds real answers against them. Nothing is validated by them when
a request is answered.
"""
