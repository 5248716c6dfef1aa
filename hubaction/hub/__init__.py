"""The service: credentials, transport, two dialects of its API, downloads and uploads."""
