"""Pictures at large: the canvas that zooms and pans, and the window around it."""
