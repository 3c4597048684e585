"""How an instance is prepared, started, supervised, backed up. Nothing here needs Django until it is called."""
