"""When something that recurs happens: every so often, or by a cron expression on a wall clock."""
