"""What is looked at before a change is taken over: what it does to numbers, and whether they keep what is asserted."""
