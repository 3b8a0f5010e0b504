"""What can be asked of the fleet. One file a task; `catalogue` lists them."""
