"""What Prometheus is told: workers count their own jobs, housekeeping looks at the whole fleet."""
