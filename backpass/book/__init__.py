"""Notebooks become pages: the Sphinx extension, and what the pages are made of."""

from backpass.book.extension import Renderer, setup

__all__ = ["Renderer", "setup"]
