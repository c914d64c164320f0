"""What a document carries into decisions through SPRING, measured with a model that only reads."""
