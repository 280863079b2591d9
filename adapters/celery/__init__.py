"""Celery carries doorbells: "a job is ready"; what the job is stands in Redis."""
