"""Plain Python that computes. Knows nothing of jobs, queues or Celery."""
