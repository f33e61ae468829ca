"""Skill packs: directories of prompt functions and native functions, read as data and loaded for running."""
