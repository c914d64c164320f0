"""SPRING: study a document once, then reason through a graph of questions at each decision."""
