"""Search of semantic memory against a bare scan, vector indexes and Semantic Kernel's own store."""
