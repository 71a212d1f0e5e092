"""What is watched, turned into signals; nothing here acts."""
