"""The AI-deck's camera over WiFi: CPX packets on a TCP socket, as its stock streaming example sends them."""
