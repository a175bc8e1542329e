"""How many of one unit of time are in another: the only numbers of the calendar in the code."""

MINUTES_PER_HOUR = 60
SECONDS_PER_HOUR = 60 * MINUTES_PER_HOUR
HOURS_PER_DAY = 24
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
WEEKS_PER_MONTH = DAYS_PER_YEAR / DAYS_PER_WEEK / MONTHS_PER_YEAR
WEEKS_PER_YEAR = 52
"""Whole weeks, as ramps, notice and times to fill are counted."""
