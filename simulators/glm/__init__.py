"""A stand-in for the GLM open platform, written from the vendor's documents and recorded traffic alone."""
