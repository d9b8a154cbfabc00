"""A chat on paper and in files: pages for printer and PDF, web page, Markdown, JSON."""
