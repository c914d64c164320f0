"""Policies: observation layouts, ONNX files that prove themselves, and the classes that run them."""
