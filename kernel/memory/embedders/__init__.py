"""Embedders: word vectors in this process, and models behind a server."""
