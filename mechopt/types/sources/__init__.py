"""One module for each kind of law that types can come from."""
