"""From one process to a fleet: many runs at once beside plain asyncio and DBOS, and a model of what lies beyond."""
