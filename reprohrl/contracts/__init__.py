"""The ground floor: the types every stage exchanges. Nothing here computes; nothing here imports a shell."""
