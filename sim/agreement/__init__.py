"""How well the batched core and Bullet agree: the same flights and the same views on both, compared."""
