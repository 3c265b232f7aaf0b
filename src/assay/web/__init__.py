"""The HTTP door: routers, problem details, the guard, the static page."""
