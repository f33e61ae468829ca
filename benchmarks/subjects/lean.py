"""The floor of a lean command: what any of them would import."""

import argparse  # noqa: F401
import asyncio  # noqa: F401
import json  # noqa: F401
import sqlite3  # noqa: F401

import lxml.etree  # noqa: F401
