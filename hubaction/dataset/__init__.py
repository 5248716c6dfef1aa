"""A dataset as it lies on disk: sources, layout, labels, images, the parallel scan, statistics."""
