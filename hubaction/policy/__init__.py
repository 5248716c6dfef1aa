"""Profiles and the verdict of the gate."""
