"""The command line: thin commands, rendering apart. Every module imports only what its own command needs."""
