"""A recorded flight through today's stages: what would be decided otherwise now."""
