"""Alerts: questions that are asked again and again, and people who are told when an answer is as they said."""
