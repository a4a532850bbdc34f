"""What leaves the house: labels, the door, the notification to a CERT and the answer from it."""
