"""Run the fleet. The only package that knows Celery."""
