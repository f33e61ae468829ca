"""What commands show: values in, text out; nothing here reads a file or writes to a stream."""
