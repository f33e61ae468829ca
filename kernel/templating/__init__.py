"""Prompt templates in three languages: which variables they need, and the messages they become."""
