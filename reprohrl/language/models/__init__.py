"""Language models behind one interface: they score and they write, and nothing they say flies by itself."""
