"""The report as one HTML file that needs nothing else: no network, no other file, and of scripts only its own."""

from hubaction.report.html.page import render_html

__all__ = ["render_html"]
