"""Linnet: a native desktop chat for Gemini and every OpenAI-compatible model."""

__version__ = "0.1.0"
