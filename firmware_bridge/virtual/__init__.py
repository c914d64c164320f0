"""A Crazyflie and an AI-deck made of software: real wire formats and firmware timings."""
