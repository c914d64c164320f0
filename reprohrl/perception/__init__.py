"""From frames to object features: letterbox, detector, tracker."""
