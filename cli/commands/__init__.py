"""The commands, one module a word; `forethought.cli.main` imports the one that was asked for."""
