from env_native._fast import answer

LABEL = "one"
__all__ = ["LABEL", "answer"]
