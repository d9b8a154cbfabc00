"""Speed and memory of the real program, as ratios taken in one run. `./dev bench` runs it."""
