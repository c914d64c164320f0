#!/bin/sh
# Print the Python to build .venv with: 3.11 first, for PyBullet has wheels up to there.
# A sourced ROS installation decides itself: its rclpy fits the system's python3 alone.
if [ -n "$ROS_DISTRO" ] && [ -n "$AMENT_PREFIX_PATH" ]; then candidates="/usr/bin/python3 python3"
else candidates="$PYTHON python3.11 python3.12 python3.13 python3"; fi
for candidate in $candidates; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
done
echo "No Python 3.11 or newer was found. Install one (sudo apt install python3 python3-venv)" \
     "or name it: make setup PYTHON=/path/to/python3.11" >&2
exit 1
