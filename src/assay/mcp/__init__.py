"""The door for agents: tools of the Model Context Protocol, each of which asks a running server over HTTP.

It holds no rule of its own: what may be asked and seen, and what a number is, the server decides as for everybody.
"""
