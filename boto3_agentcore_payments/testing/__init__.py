"""Helpers for tests of code that pays through AgentCore payments."""
