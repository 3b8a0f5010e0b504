"""What controls change in loss scenarios, what that saves, and which of them to buy."""
