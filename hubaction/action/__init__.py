"""The GitHub Action: inputs, workflow commands, output files."""
