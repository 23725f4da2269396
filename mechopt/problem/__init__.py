"""What is asked: an environment, an objective, and what a mechanism has to satisfy."""
