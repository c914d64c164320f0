"""Make the animated picture of the README from a flight: `python tools/make_gif.py runs/<stamp> OUT.gif`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EVERY, WIDTH, RATE = 4, 640, 8
"""Every fourth tick at eight pictures a second: three times as fast as the flight."""

FILTER = (
    f"select='not(mod(n,{EVERY}))',setpts=N/{RATE}/TB,scale={WIDTH}:-1:flags=lanczos,hqdn3d=4:3:6:5,"
    "split[a][b];[a]palettegen=max_colors=64:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle"
)


def main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    import imageio_ffmpeg

    film, out = Path(sys.argv[1]) / "flight.mp4", Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-i", str(film)]
    subprocess.run([*command, "-filter_complex", FILTER, "-r", str(RATE), str(out)], check=True, timeout=300)
    sys.stdout.write(f"{out}: {out.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
