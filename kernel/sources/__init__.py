"""Functions from elsewhere: operations of OpenAPI documents and tools of MCP servers, read as data."""
