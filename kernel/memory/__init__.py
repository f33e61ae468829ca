"""Semantic memory: texts kept with their embeddings, searched by meaning and by keyword."""
