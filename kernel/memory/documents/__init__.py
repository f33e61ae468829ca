"""Documents: files read as text, divided by their structure, and kept in a memory with where each piece stands."""
