"""Reports: dashboards that are sent by the calendar, to each reader what that reader sees."""
