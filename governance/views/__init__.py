"""The screens of guardrails and of access reviews."""
