"""Mends what is proven to be wrong: edits are planned as values, shown, then applied whole or not at all."""
