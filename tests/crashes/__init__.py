"""What the books hold after a crash: killed programs, cut power, full disks."""
