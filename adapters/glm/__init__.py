"""Zhipu's GLM models over their own HTTP API: words streamed, pictures painted."""
