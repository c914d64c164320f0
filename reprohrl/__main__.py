"""`python -m reprohrl` is `reprohrl`."""

import sys

from reprohrl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
