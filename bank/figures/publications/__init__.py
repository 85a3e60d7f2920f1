"""The public record as it was published, time after time: each held against all before it, and kept for the next."""
