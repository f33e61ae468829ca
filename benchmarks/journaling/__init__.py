"""What a journal holds out, and what it costs."""
