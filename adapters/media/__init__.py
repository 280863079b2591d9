"""What people attach, made fit for a model: pictures and plain texts."""
