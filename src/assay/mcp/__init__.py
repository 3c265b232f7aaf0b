"""The door for agents: tools of the Model Context Protocol, each of which asks the server as its clients do.

It holds no rule of its own: what may be asked and seen, and what a number is, the server decides as for everybody.
"""
