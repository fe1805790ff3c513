"""Commands about orders: place, ship, cancel and refund them, and change their places in queues."""
