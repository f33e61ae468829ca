"""Choosing functions: which of the registered ones a planner shows to the model."""
