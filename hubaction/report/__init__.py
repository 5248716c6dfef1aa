"""The finding model and one renderer per format."""
