"""Vector tiles, their metadata, and the stream of changes: a bare ASGI application beside the pages."""
