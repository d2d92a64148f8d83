"""The invented world of the demonstration, made by the same actions people use."""
