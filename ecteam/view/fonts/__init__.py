"""The font of all pictures and pages, Latin and Chinese in one, so that no machine has to have any."""

from pathlib import Path

FAMILY = "ecteam Sans SC"
FILE = Path(__file__).with_name("ecteam_sans_sc.otf")
