"""What every REST endpoint stands on: who asks, may he, once only, page by page, and one shape for every refusal."""
