"""HOW MUCH at a time: who asks and until when, places and queues, processes that may be ended. Knows no other room."""
